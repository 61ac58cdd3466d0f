import { CancellationScope } from '@temporalio/workflow'
import type { ChildWorkflowHandle } from '@temporalio/workflow'
import type {
  BackfillInput,
  Carried,
  Control,
  DeferredDay,
  FailedDay,
} from '@backtide/core/backfill'
import type { StateCounts } from '@backtide/core/state'
import { proxyControl } from './activity-proxies.ts'
import type { AheadDay } from './day-plan.ts'
import type { loadDay } from './load-day.ts'

/** What one run of a backfill knows. Lists are bounded, whatever the range. */
export interface BackfillState {
  readonly request: BackfillInput
  readonly control: ReturnType<typeof proxyControl>
  /** Scope of the run: cancelled when somebody cancels the backfill. */
  readonly root: CancellationScope
  /** Scope of all children: cancelled when the backfill ends before its days. */
  readonly days: CancellationScope
  readonly inFlight: Map<string, RunningDay>
  /** Index of the next day to take; days below it were taken or had nothing to load. */
  cursor: number
  /** Days planned and not yet taken: at most a month, from `cursor` up to `plannedTo`. */
  ahead: readonly AheadDay[]
  plannedTo: number
  counts: StateCounts
  rows: number
  daysDone: number
  daysFailed: number
  deferred: readonly DeferredDay[]
  failed: readonly FailedDay[]
  concurrency: number
  paused: Control | undefined
  cancelled: Control | undefined
  /** What ends the backfill before its days: an abort, or an error nobody expected. */
  fault: unknown
  forbiddenMeans: Carried['forbiddenMeans'] | undefined
  finishing: boolean
}

/** A day in flight. */
export interface RunningDay {
  child: ChildWorkflowHandle<typeof loadDay> | undefined
  /** Whether the child was last told, or started, to be paused. */
  toldPaused: boolean
  /** A signal is on its way to the child. */
  telling: boolean
}

/** State of a run at its start: the beginning, or what the run before handed over. */
export function openBackfill({ carried, ...request }: BackfillInput): BackfillState {
  return {
    request,
    control: proxyControl(request.tempo),
    root: CancellationScope.current(),
    days: new CancellationScope(),
    inFlight: new Map(),
    cursor: carried?.nextDay ?? 0,
    ahead: [],
    plannedTo: carried?.nextDay ?? 0,
    counts: carried?.counts ?? {},
    rows: carried?.rows ?? 0,
    daysDone: carried?.daysDone ?? 0,
    daysFailed: carried?.daysFailed ?? 0,
    deferred: carried?.deferred ?? [],
    failed: carried?.failed ?? [],
    concurrency: carried?.concurrency ?? request.concurrency,
    paused: carried?.paused,
    cancelled: undefined,
    fault: undefined,
    forbiddenMeans: carried?.forbiddenMeans,
    finishing: false,
  }
}

/**
 * What the next run needs. Planned days are asked for again. A cancel is not among it: its signal's
 * handler ends only when Temporal has taken the cancel, and a run waits for its handlers.
 */
export function carryBackfill(state: BackfillState): Carried {
  return {
    nextDay: state.cursor,
    counts: state.counts,
    rows: state.rows,
    daysDone: state.daysDone,
    daysFailed: state.daysFailed,
    deferred: state.deferred,
    failed: state.failed,
    ...(state.paused && { paused: state.paused }),
    concurrency: state.concurrency,
    forbiddenMeans: state.forbiddenMeans ?? 'denied',
  }
}
