import type { OnFailure, Reprocess } from './backfill-options.ts'
import type { Granularity } from './partition.ts'
import type { Range } from './range.ts'
import type { BackfillRequest, Scope } from './request.ts'
import type { StateCounts } from './state.ts'
import type { Tempo } from './tempo.ts'

export type { OnFailure, Reprocess }

/** How a backfill ended; `incomplete` means gaps are left, each with its state in the ledger. */
export type Outcome = 'complete' | 'incomplete' | 'failed' | 'cancelled'

/**
 * Input of the `backfill` workflow: resolved by the API, so no registry is needed on replay. Its
 * symbols are `['*']` for a dataset whose objects hold all symbols; `concurrency` counts days.
 */
export interface BackfillInput extends BackfillRequest {
  readonly backfillId: string
  readonly table: string
  readonly granularity: Granularity
  /** Objects one load activity takes at most, as far as one partition allows. */
  readonly objectsPerLoad: number
  readonly tempo: Tempo
  /** Task queue of the load activities. */
  readonly loadQueue: string
  /** Whether the namespace knows our search attributes. */
  readonly indexed: boolean
  /** When the backfill was accepted, UTC milliseconds. */
  readonly createdAt: number
  readonly requestHash: string
  readonly retryOf?: string
  /** Set by continue-as-new only. */
  readonly carried?: Carried
}

/** What a run hands to its successor: bounded, whatever the range. */
export interface Carried {
  /** The days that were not started yet; the first span is being worked on. */
  readonly left: readonly DaySpan[]
  readonly counts: StateCounts
  readonly rows: number
  readonly daysDone: number
  readonly daysFailed: number
  readonly deferred: readonly DeferredDay[]
  readonly failed: readonly FailedDay[]
  /**
   * Set since a day was refused (see `isRefusal`) and none has succeeded: that day, as long as it
   * counts as failed. Empty once refused days in a row have paused the backfill.
   */
  readonly refused?: readonly FailedDay[] | undefined
  readonly paused?: Remark | undefined
  readonly concurrency: number
}

/** Days of a backfill by their index, see `dayAt`: `from ≤ index < to`. */
export interface DaySpan {
  readonly from: number
  readonly to: number
  /** They were held by another backfill when it was their turn, and too many others were too. */
  readonly again: boolean
}

/** A day that has to be started (again) later. */
export interface DeferredDay {
  /** What is left of it. */
  readonly day: Range
  /** Times another backfill held the day. */
  readonly held: number
  /** Times the day failed. */
  readonly failures: number
  /** UTC milliseconds before which it is not started. */
  readonly dueAt: number
}

/** A day that failed for good; at most 100 are kept. */
export interface FailedDay {
  readonly day: Range
  readonly reason: string
  /** Its objects counted as `failed` or `pending`: not counted twice when the day is retried. */
  readonly open: StateCounts
}

/** Optional argument of the signals `pause`, `resume` and `cancel`. */
export interface Remark {
  readonly reason?: string
  readonly by?: string
}

/** Whose work an activity does, and on what; each adds the range it is about. */
export interface Work extends Omit<Scope, 'range'> {
  readonly backfillId: string
}

/** Input of the `loadDay` workflow. */
export interface DayInput extends Work {
  readonly granularity: Granularity
  /** The day, or what is left of it. */
  readonly day: Range
  readonly reprocess: Reprocess
  readonly objectsPerLoad: number
  readonly tempo: Tempo
  readonly loadQueue: string
  /** Load nothing: only record, while no other writer can, that the day failed for this reason. */
  readonly giveUp?: string
}

/** What a day came to. Objects that were settled before are not counted. */
export interface DayOutcome {
  readonly counts: StateCounts
  readonly rows: number
  /** Why the objects counted as `failed` failed: the first reason. */
  readonly reason?: string
  /** Where the day has to go on: it ended because its backfill is paused. */
  readonly left?: Range
}

/** Input of the `loadPartitions` activity. */
export interface LoadInput extends Work {
  /** What is left of the day; the load takes its beginning. */
  readonly partitions: Range
  /** Objects it takes at most, but one partition at least. */
  readonly objects: number
  readonly reprocess: Reprocess
}

/** What a load came to. Objects that were settled before are not counted. */
export interface LoadResult {
  readonly counts: StateCounts
  readonly rows: number
  /** Where the day goes on, UTC milliseconds: `partitions.to` when it is done. */
  readonly until: number
}

export interface PreflightInput {
  readonly backfill: BackfillInput
}

/** Input of the `planDays` activity: at most a month of days. */
export interface PlanInput extends Work {
  readonly range: Range
  readonly reprocess: Reprocess
}

/** Days of the range that have something to load, ascending. */
export interface PlanResult {
  readonly days: readonly Range[]
}

/** Input of the `recordFailure` activity: the unsettled objects of these partitions failed. */
export interface FailureInput extends Work {
  readonly partitions: Range
  readonly reason: string
}

/** The objects that are now recorded as `failed`. */
export interface FailureResult {
  readonly counts: StateCounts
}

export interface FinishInput {
  readonly backfill: BackfillInput
  readonly outcome: 'finished' | 'failed' | 'cancelled'
  readonly reason?: string
}

/** Result of the `backfill` workflow. */
export interface BackfillResult {
  readonly outcome: Outcome
  /** States of every object of the range, from the ledger. */
  readonly counts: StateCounts
  /** Rows that the complete, degraded and corrupt objects of the range hold, from the ledger. */
  readonly rows: number
  readonly reason?: string
}

/** Answer of the `progress` query. */
export interface BackfillProgress {
  readonly phase: 'starting' | 'running' | 'paused' | 'draining' | 'finishing'
  readonly paused?: Remark
  readonly days: { total: number; planned: number; done: number; failed: number; deferred: number }
  readonly inFlight: readonly string[]
  /** Objects this backfill loaded itself, by state. */
  readonly counts: StateCounts
  readonly rows: number
  readonly concurrency: number
}
