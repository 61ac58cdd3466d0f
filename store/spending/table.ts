import type { TableDefinition } from '@backtide/core/table'

/**
 * What workers asked of sources that charge for it, as they asked: a row for each few seconds, backfill
 * (or plan) and source. What was spent is the sum.
 */
export const SPENDING: TableDefinition = {
  name: 'spending',
  columns: {
    ts: 'TIMESTAMP',
    worker: 'SYMBOL',
    backfill_id: 'VARCHAR',
    source: 'SYMBOL',
    gets: 'LONG',
    lists: 'LONG',
    bytes: 'LONG',
    usd: 'DOUBLE',
  },
  partitionBy: 'MONTH',
  keys: ['ts', 'worker', 'backfill_id', 'source'],
}
