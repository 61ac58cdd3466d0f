import type { Outcome } from '@backtide/core/backfill'
import type { BackfillRequest } from '@backtide/core/request'
import type { StateCounts } from '@backtide/core/state'

/** One backfill, as it outlives Temporal's retention. */
export interface BackfillRecord {
  readonly id: string
  /** Namespace of Temporal that it runs in: elsewhere nobody knows it. */
  readonly namespace: string
  /** UTC milliseconds. */
  readonly createdAt: number
  readonly requestHash: string
  readonly request: BackfillRequest
  readonly retryOf?: string
  /** Set when the backfill ended. */
  readonly ended?: BackfillEnd
}

/** How a backfill ended. */
export interface BackfillEnd {
  /** `terminated` is found out later: nobody is there to write it. */
  readonly outcome: Outcome | 'terminated'
  readonly counts: StateCounts
  readonly rows: number
  readonly reason?: string
  /** UTC milliseconds. */
  readonly endedAt: number
  /** How long it had been paused, milliseconds, where its run said so. */
  readonly pausedMs?: number
}

/** How many backfills of a dataset ended in one way. */
export interface EndedCount {
  readonly dataset: string
  readonly outcome: BackfillEnd['outcome']
  readonly count: number
}
