import type { Derived } from '@backtide/core/derived'
import { dataTable } from '@backtide/core/table'
import { FILL_SUMS } from '../hyperliquid/fills-views.ts'
import { FILLS_ID, fillsOf, SUM_COLUMNS } from './fill-sums.ts'
import { ofDay } from './sql-text.ts'

/**
 * Fills by the minute, a row a coin and side: `side` is the party's own, so that a match counts on both.
 * `volume` is in units of the base; of what was taken alone it is `taker_volume`.
 */
const TABLE = dataTable({
  name: 'fills_1m',
  columns: {
    ts: 'TIMESTAMP',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    side: 'SYMBOL',
    open: 'DOUBLE',
    high: 'DOUBLE',
    low: 'DOUBLE',
    close: 'DOUBLE',
    volume: 'DOUBLE',
    taker_volume: 'DOUBLE',
    ...SUM_COLUMNS,
  },
  partitionBy: 'DAY',
  keys: ['ts', 'exchange', 'market', 'symbol', 'side'],
})

/** One-minute aggregates of fills. */
export const fills1m: Derived = {
  name: 'fills_1m',
  title: 'Hyperliquid fills by the minute, per coin, market and side',
  bases: [FILLS_ID],
  table: TABLE,
  stepsOf: (parts) => [
    {
      replaces: ofDay(parts),
      columns: TABLE.view.columns,
      queries: [
        `SELECT timestamp_floor('m', ts) AS minute, exchange, market, symbol, side,
          first(price), max(price), min(price), last(price), sum(size),
          sum(CASE WHEN crossed THEN size ELSE 0.0 END), ${FILL_SUMS}
          ${fillsOf(parts)} GROUP BY minute, exchange, market, symbol, side`,
      ],
    },
  ],
}
