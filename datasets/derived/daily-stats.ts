import type { Derived } from '@backtide/core/derived'
import { dataTable } from '@backtide/core/table'
import { FILLS_ID, statistics, SUM_COLUMNS } from './fill-sums.ts'
import { ofDay } from './sql-text.ts'

/** What `hl_daily_stats` computes, kept: `hours` is how many of the day's hours of fills are complete. */
const TABLE = dataTable({
  name: 'daily_stats',
  columns: {
    ts: 'TIMESTAMP',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    hours: 'INT',
    volume: 'DOUBLE',
    taker_buy_volume: 'DOUBLE',
    users: 'LONG',
    low: 'DOUBLE',
    high: 'DOUBLE',
    ...SUM_COLUMNS,
  },
  partitionBy: 'MONTH',
  keys: ['ts', 'exchange', 'market', 'symbol'],
})

const VALUES = ['sum(volume)', 'sum(taker_buy_volume)', 'count()', 'min(low)', 'max(high)']

/** Daily statistics of every coin. */
export const dailyStats: Derived = {
  name: 'daily_stats',
  title: 'Hyperliquid volume, users, fees and liquidations, a row a day and coin',
  bases: [FILLS_ID],
  table: TABLE,
  stepsOf: (parts) => [
    {
      replaces: ofDay(parts),
      columns: TABLE.view.columns,
      queries: [statistics(parts, ['exchange', 'market', 'symbol'], VALUES)],
    },
  ],
}
