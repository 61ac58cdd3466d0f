import type { Derived } from '@backtide/core/derived'
import { dataTable } from '@backtide/core/table'
import { FILLS_ID, statistics, SUM_COLUMNS } from './fill-sums.ts'
import { ofDay } from './sql-text.ts'

/** What `hl_user_stats` computes, kept: `hours` is how many of the day's hours of fills are complete. */
const TABLE = dataTable({
  name: 'user_stats',
  columns: {
    ts: 'TIMESTAMP',
    exchange: 'SYMBOL',
    user: 'VARCHAR',
    hours: 'INT',
    coins: 'LONG',
    ...SUM_COLUMNS,
  },
  partitionBy: 'WEEK',
  keys: ['ts', 'exchange', 'user'],
})

/** Daily statistics of every user. */
export const userStats: Derived = {
  name: 'user_stats',
  title: 'Hyperliquid fills, volume, profit and fees, a row a day and user',
  bases: [FILLS_ID],
  table: TABLE,
  stepsOf: (parts) => [
    {
      replaces: ofDay(parts),
      columns: TABLE.view.columns,
      queries: [statistics(parts, ['exchange', '"user"'], ['count()'])],
    },
  ],
}
