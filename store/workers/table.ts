import type { TableDefinition } from '@backtide/core/table'

/** Worker processes: one row each, written again as long as it lives. */
export const WORKERS: TableDefinition = {
  name: 'workers',
  columns: {
    started_at: 'TIMESTAMP',
    worker: 'SYMBOL',
    namespace: 'SYMBOL',
    roles: 'VARCHAR',
    sources: 'VARCHAR',
    seen_at: 'TIMESTAMP',
  },
  partitionBy: 'MONTH',
  keys: ['started_at', 'worker', 'namespace'],
}
