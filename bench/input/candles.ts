import { partitionsOf } from '@backtide/core/partition'
import { DAY_MS, type Range } from '@backtide/core/range'
import { seriesOf } from '@backtide/core/series'
import { binanceKlines } from '@backtide/datasets/binance/klines'
import { writeZip } from '@backtide/test/contract/zip-writer'
import { noise } from './noise.ts'

/** Candles of some coins, a minute each, as files of days. */
export interface CandleInput {
  readonly coins: readonly string[]
  readonly range: Range
  readonly rows: number
  readonly files: readonly CandleFile[]
}

export interface CandleFile {
  readonly coin: string
  /** Below the base URL of the source. */
  readonly key: string
  readonly bytes: Buffer
}

const MINUTES = 1440

/** Makes files of whole days. */
export function makeCandles(coins: readonly string[], start: number, days: number): CandleInput {
  const range = { from: start, to: start + days * DAY_MS }
  const files = [...partitionsOf(range, 'day')].flatMap((day) =>
    coins.map((coin, index): CandleFile => {
      const [key = ''] = binanceKlines.source.objects(day, seriesOf(coin, '1m'))
      return { coin, key, bytes: writeZip([linesOf(day, index)]) }
    }),
  )
  return { coins, range, files, rows: files.length * MINUTES }
}

/** A walk of a price, in microseconds and eight decimals. */
function linesOf(day: number, coin: number): Buffer {
  let drawn = 0
  const draw = () => noise(day / DAY_MS, coin, drawn++) / 2 ** 32
  let close = 100 * (coin + 1)
  let text = ''
  for (let minute = 0; minute < MINUTES; minute++) {
    const open = close
    close = Math.max(1, open + draw() - 0.5)
    const volume = draw() * 1000
    const ts = (day + minute * 60_000) * 1000
    const prices = [open, Math.max(open, close) + draw(), Math.min(open, close) * 0.999, close]
    const amounts = [volume * close, volume / 2, (volume / 2) * close].map((one) => one.toFixed(8))
    const [quote, ...taken] = amounts
    const first = [...prices, volume].map((one) => one.toFixed(8)).join(',')
    const count = Math.floor(draw() * 5000)
    text += `${ts},${first},${ts + 59_999_999},${quote},${count},${taken.join(',')},0\n`
  }
  return Buffer.from(text)
}
