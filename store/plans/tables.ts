import { PLAN_DAYS } from '@backtide/core/plan'
import type { TableDefinition } from '@backtide/core/table'

/** Every plan that was drawn up, and what it came to. */
export const PLANS: TableDefinition = {
  name: 'plans',
  columns: {
    created_at: 'TIMESTAMP',
    id: 'VARCHAR',
    namespace: 'SYMBOL',
    dataset: 'SYMBOL',
    request_hash: 'VARCHAR',
    request: 'VARCHAR',
    summary: 'VARCHAR',
  },
  partitionBy: 'MONTH',
  keys: ['created_at', 'id'],
}

/**
 * What plans saw of the objects they would load: dropped after some days. `ts` is when the plan was asked
 * for and a microsecond for each object before, so that rows come in order, and the same again is the same.
 */
export const PLAN_OBJECTS: TableDefinition = {
  name: 'plan_objects',
  columns: {
    ts: 'TIMESTAMP',
    plan_id: 'VARCHAR',
    partition_ts: 'TIMESTAMP',
    object: 'VARCHAR',
    etag: 'VARCHAR',
    size: 'LONG',
  },
  partitionBy: 'DAY',
  ttlDays: PLAN_DAYS + 1,
  keys: ['ts', 'plan_id'],
}
