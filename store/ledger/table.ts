import type { TableDefinition } from '@backtide/core/table'
import { columnTypes } from './columns.ts'

/**
 * Last known state of every object ever asked for. By WEEK: by DAY one wide query over years takes
 * QuestDB to the end of its memory maps; an upsert of an hour's objects costs 20 ms.
 */
export const LEDGER: TableDefinition = {
  name: 'ledger',
  columns: columnTypes('ledger'),
  partitionBy: 'WEEK',
  keys: ['partition_ts', 'dataset', 'object'],
}

/** Every transition of every object: what the ledger said, and when (`ts`). */
export const LEDGER_LOG: TableDefinition = {
  name: 'ledger_log',
  columns: { ts: 'TIMESTAMP', ...columnTypes('log') },
  partitionBy: 'WEEK',
  keys: ['ts', 'dataset', 'object', 'backfill_id'],
}
