import type { OnFailure, Reprocess } from './backfill-options.ts'
import type { Stop } from './budget.ts'
import type { Granularity } from './partition.ts'
import type { Difference } from './plan.ts'
import type { Range } from './range.ts'
import type { BackfillRequest, Scope } from './request.ts'
import type { RunningOptions } from './running-options.ts'
import type { StateCounts } from './state.ts'
import type { Timing } from './timing.ts'

export type { OnFailure, Reprocess }

/** How a backfill ended; `incomplete` means gaps are left, each with its state in the ledger. */
export type Outcome = 'complete' | 'incomplete' | 'failed' | 'cancelled'

/**
 * Whose work it is, and on what; each kind of work adds the range it is about. Its symbols are
 * series: `BTC`, `BTCUSDT 1m`, or `*` alone for a dataset whose objects hold all symbols.
 */
export interface Work extends Omit<Scope, 'range'> {
  readonly backfillId: string
}

/** Only that, of a value that says more. */
export function workOf({ backfillId, dataset, symbols, hours }: Work): Work {
  return { backfillId, dataset, symbols, ...(hours && { hours }) }
}

/** How a backfill loads: its days inherit it. */
export interface Loading extends Work {
  readonly granularity: Granularity
  readonly reprocess: Reprocess
  /** Objects one load activity takes at most, as far as one partition allows. */
  readonly objectsPerLoad: number
  /** Named as it stands in recorded histories. */
  readonly tempo: Timing
  /** Task queue of the load activities. */
  readonly loadQueue: string
  /**
   * What is derived from the dataset, by name. Absent in what began before there was anything: a replay of
   * those must not have it made.
   */
  readonly derived?: readonly string[]
}

/** Objects by state and rows that were loaded. Objects that were settled before are not counted. */
export interface Loaded {
  readonly counts: StateCounts
  readonly rows: number
}

/**
 * Input of the `backfill` workflow: resolved by the API, so no registry is needed on replay. Its
 * `concurrency` counts days.
 */
export interface BackfillInput extends BackfillRequest, Loading {
  /** Table that is loaded; part of the ids of its days. */
  readonly table: string
  /** Whether the namespace knows our search attributes. */
  readonly indexed: boolean
  /**
   * Whether it also knows the one of the outcome. Absent in what began before there was one: a replay
   * of those must not write it.
   */
  readonly outcomes?: boolean
  /** When the backfill was accepted, UTC milliseconds. */
  readonly createdAt: number
  readonly requestHash: string
  readonly retryOf?: string
  /** Set by continue-as-new only. */
  readonly carried?: Carried
}

/** What a run hands to its successor: bounded, whatever the range. */
export interface Carried extends Loaded {
  /** The days that were not started yet; the first span is being worked on. */
  readonly left: readonly DaySpan[]
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
  /** Since when it is paused, UTC milliseconds. */
  readonly pausedSince?: number | undefined
  /** How long it was paused before, milliseconds. */
  readonly pausedMs?: number
  /** Of the preflight. */
  readonly warnings?: readonly string[]
  readonly concurrency: number
  /** What was changed while it ran; the concurrency stands apart. */
  readonly options?: Omit<RunningOptions, 'concurrency'>
  /** Days that had failed when it was last resumed: they count in no budget any more. */
  readonly forgiven?: number
  /** Most dollars it may cost. */
  readonly maxCostUsd?: number | undefined
  /** Objects met that are not what its plan saw. */
  readonly differs?: Difference | undefined
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

/** Input of the `loadDay` workflow. */
export interface DayInput extends Loading {
  /** The day, or what is left of it. */
  readonly day: Range
  /** Load nothing: only record, while no other writer can, that the day failed for this reason. */
  readonly giveUp?: string
  /** Most dollars that the backfill may cost; absent without a limit. */
  readonly maxCostUsd?: number
  /** The plan it carries out. */
  readonly planId?: string
}

/** What a day came to. */
export interface DayOutcome extends Loaded {
  /** Why the objects counted as `failed` failed: the first reason. */
  readonly reason?: string
  /** What else went wrong, a sentence each: the day is loaded all the same. */
  readonly warnings?: readonly string[]
  /** Where the day has to go on: it ended because its backfill is paused, or has to be. */
  readonly left?: Range
  /** Why it has to be. */
  readonly stopped?: Stop
  /** Objects that are not what the plan saw: they were not loaded. */
  readonly differs?: Difference
}

/** Input of the `loadPartitions` activity. */
export interface LoadInput extends Work {
  /** What is left of the day; the load takes its beginning. */
  readonly partitions: Range
  /** Objects it takes at most, but one partition at least. */
  readonly objects: number
  readonly reprocess: Reprocess
  readonly maxCostUsd?: number
  /** The plan that is carried out: nothing else is loaded. */
  readonly planId?: string
}

/** What a load came to. */
export interface LoadResult extends Loaded {
  /** Where the day goes on, UTC milliseconds: `partitions.to` when it is done. */
  readonly until: number
  /** A budget is spent: the day does not go on, and may not even have begun. */
  readonly stopped?: Stop
  readonly differs?: Difference
}

/** Input of the `preflight` activity. */
export interface PreflightInput {
  readonly backfill: BackfillInput
}

/** What the preflight found odd about a request, a sentence each: it is loaded all the same. */
export interface PreflightResult {
  readonly warnings: readonly string[]
}

/** Input of the `planDays` activity: at most a month of days. */
export interface PlanInput extends Work, Scope {
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

/** Input of the `finish` activity. */
export interface FinishInput {
  readonly backfill: BackfillInput
  readonly outcome: 'finished' | 'failed' | 'cancelled'
  readonly reason?: string
  /** How long it had been paused, milliseconds. */
  readonly pausedMs?: number
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

/** Answer of the `progress` query; it counts what this backfill loaded itself. */
export interface BackfillProgress extends Loaded {
  readonly phase: 'starting' | 'running' | 'paused' | 'draining' | 'finishing' | 'done'
  readonly paused?: Remark
  /** See `Carried`; absent when a worker of an earlier version answers. */
  readonly pausedSince?: number
  readonly pausedMs?: number
  readonly days: { total: number; planned: number; done: number; failed: number; deferred: number }
  readonly inFlight: readonly string[]
  readonly concurrency: number
  /** As they are now; absent when a worker of an earlier version answers. */
  readonly options?: RunningOptions
  /** Most dollars it may cost; absent without a limit. */
  readonly maxCostUsd?: number
  /** What the preflight found odd; absent when a worker of an earlier version answers. */
  readonly warnings?: readonly string[]
}
