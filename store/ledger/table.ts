import type { TableDefinition } from '@backtide/core/table'

/** Last known state of every object ever asked for. By DAY: an upsert of an hour's objects then costs 15 ms. */
export const LEDGER: TableDefinition = {
  name: 'ledger',
  columns: {
    partition_ts: 'TIMESTAMP',
    dataset: 'SYMBOL',
    object: 'VARCHAR',
    symbol: 'VARCHAR',
    state: 'SYMBOL',
    reason: 'VARCHAR',
    backfill_id: 'VARCHAR',
    decoder_version: 'INT',
    etag: 'VARCHAR',
    size: 'LONG',
    content_hash: 'VARCHAR',
    lines: 'LONG',
    rows_decoded: 'LONG',
    rows_distinct: 'LONG',
    rows_superseded: 'LONG',
    rows_foreign: 'LONG',
    rejected: 'LONG',
    warnings: 'LONG',
    details: 'VARCHAR',
    min_ts: 'LONG',
    max_ts: 'LONG',
    checked_at: 'TIMESTAMP',
  },
  partitionBy: 'DAY',
  keys: ['partition_ts', 'dataset', 'object'],
}

/** Every transition of every object: what the ledger said, and when. */
export const LEDGER_LOG: TableDefinition = {
  name: 'ledger_log',
  columns: {
    ts: 'TIMESTAMP',
    dataset: 'SYMBOL',
    object: 'VARCHAR',
    partition_ts: 'TIMESTAMP',
    state: 'SYMBOL',
    reason: 'VARCHAR',
    backfill_id: 'VARCHAR',
    decoder_version: 'INT',
    etag: 'VARCHAR',
    content_hash: 'VARCHAR',
    rows_distinct: 'LONG',
  },
  partitionBy: 'MONTH',
  keys: ['ts', 'dataset', 'object', 'backfill_id'],
}
