import { dataTable } from '@backtide/core/table'
import { ONE_ROW_A_MINUTE } from './origins.ts'

/**
 * Open interest of every venue, a row a minute that says something of it: `ts` is its minute,
 * `open_interest` and `day_base_volume` in units of the base, `notional` (at the mark price) and
 * `day_notional_volume` in units of the quote; volumes are of the last 24 hours.
 */
export const OPEN_INTEREST = dataTable({
  name: 'open_interest',
  columns: {
    ts: 'TIMESTAMP',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    origin: 'SYMBOL',
    open_interest: 'DOUBLE',
    notional: 'DOUBLE',
    day_base_volume: 'DOUBLE',
    day_notional_volume: 'DOUBLE',
  },
  partitionBy: 'MONTH',
  keys: ['ts', 'exchange', 'market', 'symbol', 'origin'],
  merged: ONE_ROW_A_MINUTE,
})
