import { sql } from '@backtide/store/sql'
import type { Store } from '@backtide/store/store'
import { writeZip } from '../contract/zip-writer.ts'

/** A row of `candles`: symbol, interval, ts, six numbers in the order of the table, trades, closed. */
export type CandleRow = readonly [string, string, string, ...number[], boolean]

/** A candle as a file has it. */
export interface Candle {
  /** `BTCUSDT 1m` */
  readonly series: string
  /** UTC milliseconds. */
  readonly open: number
  readonly lengthMs: number
  /** Open, high, low, close, volume, quote volume. */
  readonly numbers: readonly number[]
  readonly trades: number
}

const DAY_MS = 86_400_000
const LENGTHS: Readonly<Record<string, number>> = {
  '1m': 60_000,
  '5m': 300_000,
  '1h': 3_600_000,
  '1d': DAY_MS,
}

/** All candles of a series in a UTC day; another seed gives other numbers. */
export function candlesOf(series: string, day: string, seed = 1): Candle[] {
  const [symbol = '', interval = ''] = series.split(' ')
  const lengthMs = LENGTHS[interval] ?? DAY_MS
  const from = Date.parse(`${day}T00:00:00Z`)
  return Array.from({ length: DAY_MS / lengthMs }, (_, index) => {
    const price = seed * 100 + symbol.length + (index % 97) / 8
    return {
      series,
      open: from + index * lengthMs,
      lengthMs,
      numbers: [price, price + 1.5, price - 1, price + 0.25, index / 16, (index / 16) * price],
      trades: index * seed,
    }
  })
}

/** The zipped file of some candles, in the unit of its day, without a header. */
export function candleFile(candles: readonly Candle[]): Buffer {
  const lines = candles.map(({ open, lengthMs, numbers, trades }) => {
    const unit = open < Date.UTC(2025, 0, 1) ? 1 : 1000
    const [volume = 0, quote = 0] = numbers.slice(4)
    const times = [open * unit, (open + lengthMs) * unit - 1]
    const [start, end] = times
    const first = [start, ...numbers.slice(0, 5), end]
    return `${[...first, quote, trades, volume / 2, quote / 2, 0].join(',')}\n`
  })
  return writeZip([Buffer.from(lines.join(''))])
}

/** `spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-01-01.zip` */
export function candleKey(series: string, day: string): string {
  const [symbol = '', interval = ''] = series.split(' ')
  return `spot/daily/klines/${symbol}/${interval}/${symbol}-${interval}-${day}.zip`
}

/** The row that a candle must give. */
export function candleRow({ series, open, numbers, trades }: Candle): CandleRow {
  const [symbol = '', interval = ''] = series.split(' ')
  const ts = `${new Date(open).toISOString().slice(0, -1)}000Z`
  return [symbol, interval, ts, ...numbers, trades, true] as unknown as CandleRow
}

/** What readers see of some coins, by coin, interval and time. */
export async function candleRows(store: Store, coins: readonly string[]): Promise<CandleRow[]> {
  const rows = await store.db.query(
    sql`SELECT symbol, interval, ts, open, high, low, close, volume, quote_volume, trades, closed
      FROM candles WHERE exchange = 'binance' AND market = 'spot' AND origin = 'archive'
        AND symbol IN ${coins}
      ORDER BY symbol, interval, ts`,
  )
  return rows as unknown as CandleRow[]
}

/** The rows some candles must give, in the order of `candleRows`. */
export function expectedCandles(candles: readonly Candle[]): CandleRow[] {
  return candles
    .map(candleRow)
    .toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]) || compare(a[2], b[2]))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
