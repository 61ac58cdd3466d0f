import { CancellationScope } from '@temporalio/workflow'
import type { ChildWorkflowHandle } from '@temporalio/workflow'
import type { BackfillInput, Carried, Outcome, Remark } from '@backtide/core/backfill'
import { countDays } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import { proxyControl } from '../activity-proxies.ts'
import type { loadDay } from '../load-day.ts'

/** What one run of a backfill knows. Lists are bounded, whatever the range. */
export interface BackfillState {
  readonly request: BackfillInput
  /** What the next run will go on with. Planned days are not among it: they are asked for again. */
  readonly carried: Mutable<Carried>
  readonly control: ReturnType<typeof proxyControl>
  /** Scope of the run: cancelled when somebody cancels the backfill. */
  readonly root: CancellationScope
  /** Scope of all children: cancelled when the backfill ends before its days. */
  readonly days: CancellationScope
  readonly inFlight: Map<string, RunningDay>
  /** Days planned and not yet taken: at most a month of the first span, up to `plannedTo`. */
  ahead: readonly AheadDay[]
  plannedTo: number
  /** The preflight has passed, in this run or in one before. */
  begun: boolean
  /**
   * Not carried: its signal's handler ends only when Temporal has taken the cancel, and a run waits
   * for its handlers.
   */
  cancelled: Remark | undefined
  /** What ends the backfill before its days: an abort, or an error nobody expected. */
  fault: unknown
  finishing: boolean
  /** How it ended, once that is on record. */
  ended: BackfillEnding | undefined
  /** What progress shows has changed since it was last shown. */
  changed: boolean
}

/** An outcome; `aborted` is a failure that somebody asked for with `onFailure`. */
export type BackfillEnding = Outcome | 'aborted'

/** A day that has something to load. */
export interface AheadDay {
  /** Its index in the backfill, see `dayAt`. */
  readonly index: number
  readonly day: Range
}

/** A day in flight. */
export interface RunningDay {
  child: ChildWorkflowHandle<typeof loadDay> | undefined
  /** Whether the child was last told to be paused. */
  toldPaused: boolean
  /** A signal is on its way to the child. */
  telling: boolean
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] }

/** State of a run at its start: the beginning, or what the run before handed over. */
export function openBackfill({ carried, ...request }: BackfillInput): BackfillState {
  return {
    request,
    carried: { ...(carried ?? beginning(request)) },
    control: proxyControl(request.tempo),
    root: CancellationScope.current(),
    days: new CancellationScope(),
    inFlight: new Map(),
    ahead: [],
    plannedTo: 0,
    begun: carried !== undefined,
    cancelled: undefined,
    fault: undefined,
    finishing: false,
    ended: undefined,
    changed: true,
  }
}

/** A day whose child is not started yet. */
export function unstarted(): RunningDay {
  return { child: undefined, toldPaused: false, telling: false }
}

function beginning({ range, concurrency, maxCostUsd }: BackfillInput): Carried {
  return {
    left: [{ from: 0, to: countDays(range), again: false }],
    counts: {},
    rows: 0,
    daysDone: 0,
    daysFailed: 0,
    deferred: [],
    failed: [],
    concurrency,
    ...(maxCostUsd !== undefined && { maxCostUsd }),
  }
}
