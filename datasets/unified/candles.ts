import { DAY_MS } from '@backtide/core/range'
import { dataTable } from '@backtide/core/table'

/** Lengths of candles in milliseconds, as every venue has them; a month has the length of the longest. */
export const CANDLE_LENGTHS = {
  '1s': 1_000,
  '1m': 60_000,
  '3m': 180_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '2h': 7_200_000,
  '4h': 14_400_000,
  '6h': 21_600_000,
  '8h': 28_800_000,
  '12h': 43_200_000,
  '1d': DAY_MS,
  '3d': 3 * DAY_MS,
  '1w': 7 * DAY_MS,
  '1M': 31 * DAY_MS,
} as const

export type CandleInterval = keyof typeof CANDLE_LENGTHS

/**
 * Candles of every venue, a row a candle: `ts` is its start, `interval` its length as the venue writes
 * it, `volume` in units of the base, `quote_volume` in units of the quote, `trades` how many there were.
 */
export const CANDLES = dataTable({
  name: 'candles',
  columns: {
    ts: 'TIMESTAMP',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    origin: 'SYMBOL',
    interval: 'SYMBOL',
    open: 'DOUBLE',
    high: 'DOUBLE',
    low: 'DOUBLE',
    close: 'DOUBLE',
    volume: 'DOUBLE',
    quote_volume: 'DOUBLE',
    trades: 'LONG',
    closed: 'BOOLEAN',
    ts_recv: 'TIMESTAMP_NS',
  },
  partitionBy: 'DAY',
  keys: ['ts', 'exchange', 'market', 'symbol', 'origin', 'interval'],
  picked: {
    by: ['exchange', 'market', 'symbol', 'interval'],
    column: 'origin',
    priority: ['archive', 'rest', 'capture', 'trades', 'import'],
  },
})
