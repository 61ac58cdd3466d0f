import type { Granularity, Order } from './partition.ts'
import type { Range } from './range.ts'
import type { StateCounts } from './state.ts'
import type { Tempo } from './tempo.ts'

/**
 * What a backfill loads again: `incomplete` what has no ledger row or is `pending` or `failed`;
 * `changed` also objects whose ETag, size or decoder version differ; `all` everything.
 */
export type Reprocess = 'incomplete' | 'changed' | 'all'

/** What a failed day does to the backfill: go on, pause, or end it as failed. */
export type OnFailure = 'continue' | 'pause' | 'abort'

/** How a backfill ended; `incomplete` means gaps are left, each with its state in the ledger. */
export type Outcome = 'complete' | 'incomplete' | 'failed' | 'cancelled'

/** Input of the `backfill` workflow: resolved by the API, so no registry is needed on replay. */
export interface BackfillInput {
  readonly backfillId: string
  readonly dataset: string
  readonly table: string
  readonly granularity: Granularity
  /** Symbols of the objects to load; `['*']` for a dataset whose objects hold all symbols. */
  readonly symbols: readonly string[]
  readonly range: Range
  readonly order: Order
  readonly reprocess: Reprocess
  readonly onFailure: OnFailure
  /** Days in flight at once. */
  readonly concurrency: number
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
  /** Index of the next day to plan, see `dayAt`. */
  readonly nextDay: number
  readonly counts: StateCounts
  readonly rows: number
  readonly daysDone: number
  readonly daysFailed: number
  readonly deferred: readonly DeferredDay[]
  readonly failed: readonly FailedDay[]
  readonly paused?: Control
  readonly concurrency: number
  readonly forbiddenMeans: 'missing' | 'denied'
}

/** A day that has to be started (again) later. */
export interface DeferredDay {
  readonly day: Range
  readonly wholeDay: boolean
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
export interface Control {
  readonly reason?: string
  readonly by?: string
}

/** Input of the `loadDay` workflow. */
export interface DayInput {
  readonly backfillId: string
  readonly dataset: string
  readonly table: string
  readonly granularity: Granularity
  readonly symbols: readonly string[]
  readonly day: Range
  readonly reprocess: Reprocess
  /** Load the day in one pass: it already has rows, and a pass an hour would rewrite them 24 times. */
  readonly wholeDay: boolean
  readonly objectsPerLoad: number
  readonly forbiddenMeans: 'missing' | 'denied'
  readonly tempo: Tempo
  readonly loadQueue: string
  readonly indexed: boolean
  readonly paused: boolean
}

/** What a day came to. Objects that were settled before are not counted. */
export interface DayOutcome {
  readonly counts: StateCounts
  readonly rows: number
  /** Why the objects counted as `failed` failed: the first reason. */
  readonly reason?: string
}

/** Input of the `loadPartitions` activity: consecutive partitions of one day. */
export interface LoadInput {
  readonly backfillId: string
  readonly dataset: string
  readonly symbols: readonly string[]
  /** What is left of the day. */
  readonly partitions: Range
  /** Most objects it takes, but one partition at least. */
  readonly objects: number
  readonly reprocess: Reprocess
}

/** What a load came to. Objects that were settled before are not counted. */
export interface LoadResult {
  readonly counts: StateCounts
  readonly rows: number
  /** Where the day goes on, UTC milliseconds. */
  readonly until: number
}

export interface PreflightInput {
  readonly backfill: BackfillInput
}

/** What the preflight found out about the bucket. */
export interface PreflightResult {
  /** How a 403 on one key reads: `missing` where the bucket may not be listed, else `denied`. */
  readonly forbiddenMeans: 'missing' | 'denied'
}

/** Input of the `planDays` activity: at most a month of days. */
export interface PlanInput {
  readonly backfillId: string
  readonly dataset: string
  readonly symbols: readonly string[]
  readonly range: Range
  readonly reprocess: Reprocess
}

/** Days of the range that have something to load, ascending. */
export interface PlanResult {
  readonly days: readonly PlannedDay[]
}

export interface PlannedDay {
  readonly day: Range
  /** The table already has rows of this day. */
  readonly hasRows: boolean
}

/** Input of the `recordFailure` activity: the unsettled objects of these partitions failed. */
export interface FailureInput {
  readonly backfillId: string
  readonly dataset: string
  readonly symbols: readonly string[]
  readonly partitions: Range
  readonly reprocess: Reprocess
  readonly reason: string
}

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
  readonly paused?: Control
  readonly days: { total: number; planned: number; done: number; failed: number; deferred: number }
  readonly inFlight: readonly string[]
  /** Objects this backfill loaded itself, by state. */
  readonly counts: StateCounts
  readonly rows: number
  readonly concurrency: number
}
