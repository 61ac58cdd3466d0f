import { DAY_MS, type Range } from '@backtide/core/range'
import { hyperliquidAssetCtxs } from '@backtide/datasets/hyperliquid/asset-ctxs'
import { writeFrame } from './frame.ts'
import { noise } from './noise.ts'

/** A day of contexts of all coins, as an object. */
export interface ContextInput {
  readonly coins: readonly string[]
  readonly range: Range
  readonly rows: number
  /** Decoded bytes: lines of CSV. */
  readonly bytes: number
  readonly key: string
  readonly packed: Buffer
}

const HEADER =
  'time,coin,funding,open_interest,prev_day_px,day_ntl_vlm,premium,oracle_px,mark_px,mid_px,impact_bid_px,impact_ask_px\n'

/** Makes so many minutes of a day of so many coins, a line each, as the archive writes numbers. */
export function makeContexts(start: number, coins: number, minutes: number): ContextInput {
  const lines: Buffer[] = [Buffer.from(HEADER)]
  for (let minute = 0; minute < minutes; minute++) lines.push(linesOf(start, coins, minute))
  const [key = ''] = hyperliquidAssetCtxs.source.objects(start, '*')
  return {
    coins: ['*'],
    range: { from: start, to: start + DAY_MS },
    rows: coins * minutes,
    bytes: lines.reduce((sum, { length }) => sum + length, 0),
    key,
    packed: Buffer.concat([...writeFrame(lines, 7)]),
  }
}

function linesOf(start: number, coins: number, minute: number): Buffer {
  const time = new Date(start + minute * 60_000).toISOString().replace('.000', '')
  return Buffer.from(
    Array.from({ length: coins }, (_, coin) => lineOf(time, coin, noise(coin, minute, 0))).join(''),
  )
}

function lineOf(time: string, coin: number, drawn: number): string {
  const digits = coin % 5
  const price = 10 ** (coin % 6) * (1 + (drawn % 1000) / 10_000)
  const around = (share: number) =>
    String(Number((price * (1 + share / 10_000)).toFixed(digits + 1)))
  const rate = ((drawn % 4001) - 2000) / 1e8
  const premium = ((drawn % 9001) - 4500) / 1e7
  const numbers = [
    rate.toFixed(10),
    ((drawn % 100_000_000) / 10 ** (coin % 4)).toFixed(coin % 4),
    around(-37),
    (drawn / 7 + coin).toFixed(8),
    premium.toFixed(7),
    ...[0, 1, 1.5, -2, 3].map(around),
  ]
  return `${time},C${coin},${numbers.join(',')}\n`
}
