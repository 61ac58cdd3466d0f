import { dataTable } from '@backtide/core/table'

/**
 * Numbers of any kind in the layout of AnySignal's `market_data`: `category` says what `value` is,
 * `ticker` of what, `source` who says so. Records that say nothing have a row without a value, which
 * the view leaves out.
 */
export const MARKET_DATA = dataTable({
  name: 'market_data',
  columns: {
    ts: 'TIMESTAMP',
    category: 'SYMBOL',
    ticker: 'SYMBOL',
    source: 'SYMBOL',
    value: 'DOUBLE',
  },
  partitionBy: 'DAY',
  keys: ['ts', 'category', 'ticker', 'source'],
  where: 'value IS NOT NULL',
})
