import type { TableDefinition } from '@backtide/core/table'

/** What a worker process says of itself. */
export interface WorkerRecord {
  /** Its identity in Temporal. */
  readonly worker: string
  readonly namespace: string
  /** When it was started, UTC milliseconds. */
  readonly startedAt: number
  /** What it polls for: `control`, `load`; nothing once it has stopped. */
  readonly roles: readonly string[]
  readonly sources: readonly SourceState[]
}

/** Whether a source answers a worker. */
export interface SourceState {
  readonly name: string
  readonly kind: 's3' | 'http' | 'rest'
  readonly up: boolean
  /** Why it does not. */
  readonly detail?: string
}

/** A worker of which something was heard lately. */
export interface KnownWorker extends WorkerRecord {
  /** It was heard of within the last seconds, and has not stopped. */
  readonly alive: boolean
}

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
