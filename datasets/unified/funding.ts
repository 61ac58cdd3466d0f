import { dataTable } from '@backtide/core/table'
import { ONE_ROW_A_MINUTE } from './origins.ts'

/**
 * Funding of every venue, a row a minute that says something of it: `ts` is its minute, `rate` what is
 * paid at the end of the period that the venue has at that time, as a part of the position.
 */
export const FUNDING = dataTable({
  name: 'funding',
  columns: {
    ts: 'TIMESTAMP',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    origin: 'SYMBOL',
    rate: 'DOUBLE',
    premium: 'DOUBLE',
    mark_price: 'DOUBLE',
    index_price: 'DOUBLE',
    oracle_price: 'DOUBLE',
    mid_price: 'DOUBLE',
    next_funding_time: 'TIMESTAMP',
    ts_recv: 'TIMESTAMP_NS',
  },
  partitionBy: 'MONTH',
  keys: ['ts', 'exchange', 'market', 'symbol', 'origin'],
  merged: ONE_ROW_A_MINUTE,
})
