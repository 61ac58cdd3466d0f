import type { TableDefinition } from '@backtide/core/table'

/**
 * Every backfill ever accepted: what was asked and how it ended. Outlives Temporal's retention.
 * Acceptance and end are two rows, so that a late writer of the one never wipes the other.
 */
export const BACKFILLS: TableDefinition = {
  name: 'backfills',
  columns: {
    created_at: 'TIMESTAMP',
    id: 'VARCHAR',
    event: 'SYMBOL',
    namespace: 'SYMBOL',
    dataset: 'SYMBOL',
    request_hash: 'VARCHAR',
    request: 'VARCHAR',
    retry_of: 'VARCHAR',
    outcome: 'SYMBOL',
    counts: 'VARCHAR',
    rows_distinct: 'LONG',
    reason: 'VARCHAR',
    ended_at: 'TIMESTAMP',
    paused_ms: 'LONG',
  },
  partitionBy: 'MONTH',
  keys: ['created_at', 'id', 'event'],
}
