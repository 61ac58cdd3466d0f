import { sql } from '@backtide/store/sql'
import type { Store } from '@backtide/store/store'
import { writeZip } from '../contract/zip-writer.ts'

/** A spot trade of Binance. */
export interface Trade {
  readonly id: number
  /** UTC microseconds. */
  readonly ts: number
  readonly price: number
  readonly size: number
  readonly isBuyerMaker: boolean
}

/** Trades of a day (`2025-01-01`), the same for the same seed, on whole milliseconds; some share one. */
export function tradesOf(day: string, { count = 50, seed = 1 } = {}): Trade[] {
  const start = Date.parse(`${day}T00:00:00Z`) * 1000
  return Array.from({ length: count }, (_, at) => ({
    id: seed * 1_000_000 + at,
    ts: start + Math.floor(at / 2) * 1_000_000 * 30,
    price: 93_619 + ((at * seed * 7) % 100) / 4,
    size: (1 + ((at * 13 + seed) % 50)) / 1000,
    isBuyerMaker: (at + seed) % 3 === 0,
  }))
}

/** The file of a day as the venue makes it: microseconds since 2025, milliseconds before. */
export function tradeFile(trades: readonly Trade[]): Buffer {
  const lines = trades.map(({ id, ts, price, size, isBuyerMaker }) => {
    const time = ts < MICROSECONDS_SINCE ? ts / 1000 : ts
    const amounts = [price, size, price * size].map((amount) => amount.toFixed(8)).join(',')
    return `${id},${amounts},${time},${isBuyerMaker ? 'True' : 'False'},True\n`
  })
  return writeZip([Buffer.from(lines.join(''))])
}

const MICROSECONDS_SINCE = Date.UTC(2025, 0, 1) * 1000

/** Path of the file of a day below the host. */
export function tradePath(symbol: string, day: string): string {
  return `/spot/daily/trades/${symbol}/${symbol}-trades-${day}.zip`
}

/** A row of `trades`: time, market, side, id, price, size. */
export type TradeRow = readonly [string, string, string, string, number, number]

/** What readers see of a symbol in `trades`, by time and id. */
export async function tradeRows(
  store: Store,
  exchange: string,
  symbol: string,
): Promise<readonly TradeRow[]> {
  const rows = await store.db.query(
    sql`SELECT ts, market, side, trade_id, price, size FROM trades
      WHERE exchange = ${exchange} AND symbol = ${symbol} ORDER BY ts, trade_id`,
  )
  return rows as unknown as TradeRow[]
}

/** The rows some trades must give, in the order of `tradeRows`. */
export function expectedTrades(trades: readonly Trade[]): TradeRow[] {
  return trades.map(({ id, ts, price, size, isBuyerMaker }) => {
    const side = isBuyerMaker ? 'sell' : 'buy'
    return [isoMicros(ts), 'spot', side, String(id), price, size]
  })
}

/** `2025-01-01T00:00:00.000000Z` of UTC microseconds. */
export function isoMicros(ts: number): string {
  const whole = new Date(Math.floor(ts / 1000)).toISOString().slice(0, -1)
  return `${whole}${String(ts % 1000).padStart(3, '0')}Z`
}
