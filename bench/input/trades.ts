import { partitionsOf } from '@backtide/core/partition'
import { DAY_MS, type Range } from '@backtide/core/range'
import { binanceTrades } from '@backtide/datasets/binance/trades'
import { writeZip } from '@backtide/test/contract/zip-writer'
import { noise } from './noise.ts'

/** Trades of one symbol, as files of days. */
export interface TradeInput {
  readonly coins: readonly string[]
  readonly range: Range
  readonly rows: number
  /** Decoded bytes: lines of CSV. */
  readonly bytes: number
  readonly files: readonly TradeFile[]
}

export interface TradeFile {
  /** Below the base URL of the source. */
  readonly key: string
  readonly start: number
  readonly packed: Buffer
  readonly bytes: number
}

/** Makes files of whole days, so many trades each. */
export function makeTrades(start: number, days: number, perDay: number): TradeInput {
  const range = { from: start, to: start + days * DAY_MS }
  const files = partitionsOf(range, 'day').map((day): TradeFile => {
    const [key = ''] = binanceTrades.source.objects(day, COIN)
    const content = linesOf(day, perDay)
    return { key, start: day, packed: writeZip([content]), bytes: content.length }
  })
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return { coins: [COIN], range, rows: days * perDay, bytes, files }
}

/** The first days of an input, of which each has as many trades. */
export function firstDays(input: TradeInput, days: number): TradeInput {
  const range = { from: input.range.from, to: input.range.from + days * DAY_MS }
  const files = input.files.filter(({ start }) => start < range.to)
  return { ...input, range, files, rows: (input.rows / input.files.length) * days }
}

const COIN = 'BTCUSDT'

/** A price that walks; a taker's order mostly gives some trades at one time. */
function linesOf(day: number, count: number): Buffer {
  const step = Math.floor((DAY_MS * 1000) / count)
  let price = 9_361_900
  let ts = day * 1000
  const lines = Array.from({ length: count }, (_, at) => {
    const drawn = noise(day / DAY_MS, at, 1)
    if (drawn % 3 > 0) {
      ts = day * 1000 + at * step + (drawn % step)
      price += ((drawn >>> 8) % 21) - 10
    }
    const size = 1 + ((drawn >>> 4) % 200_000)
    const amounts = [price / 100, size / 100_000, (price * size) / 10_000_000]
    const flag = (drawn >>> 3) % 2 === 0 ? 'True' : 'False'
    const id = day / 1000 + at
    return `${id},${amounts.map((one) => one.toFixed(8)).join(',')},${ts},${flag},True\n`
  })
  return Buffer.from(lines.join(''))
}
