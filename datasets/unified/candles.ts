import { dataTable } from '@backtide/core/table'

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
