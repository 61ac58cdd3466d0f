import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  log,
  workflowInfo,
} from '@temporalio/workflow'
import type {
  BackfillInput,
  BackfillResult,
  DeferredDay,
  PreflightResult,
} from '@backtide/core/backfill'
import { FAILURE } from '@backtide/core/failure'
import { dayKey } from '@backtide/core/partition'
import { describeDifference } from '@backtide/core/plan'
import { failureTypeOf, reasonOf, toWorkflowFailure } from '../failures.ts'
import { loadInChild } from './day-child.ts'
import { canStart, isExhausted, resumeDeferred, takeDay } from './days.ts'
import { handleMessages } from './handlers.ts'
import { pausedFor } from './pause.ts'
import { keepShown, showEnd } from './progress.ts'
import { settleDay, settleHeldDay } from './settle-day.ts'
import { openBackfill, unstarted } from './state.ts'
import type { BackfillState } from './state.ts'

/**
 * Loads a range of a dataset, day by day, each in a child workflow. A failed day is an outcome: see
 * `onFailure`. Ends as Canceled when it was cancelled; throws an `ApplicationFailure` of type
 * `BackfillAborted` after a failed day with `onFailure: 'abort'`, or of the type of whatever
 * activity gave up (`AccessDenied`, `BadRequest`, `Unexpected`). However it ends, the activity
 * `finish` has recorded how.
 */
export async function backfill(input: BackfillInput): Promise<BackfillResult> {
  const state = openBackfill(input)
  handleMessages(state)
  void CancellationScope.nonCancellable(() => keepShown(state))
  let exhausted: boolean
  try {
    await begin(state)
    exhausted = await loadDays(state)
    if (exhausted) return await finish(state)
  } catch (error) {
    return await CancellationScope.nonCancellable(() => endEarly(state, error))
  }
  return await continueAsNew<typeof backfill>({ ...state.request, carried: state.carried })
}

async function begin(state: BackfillState): Promise<void> {
  resumeDeferred(state)
  if (state.begun) return
  // Undefined in histories of when it found nothing odd.
  const found = (await state.control.preflight({ backfill: state.request })) as
    Partial<PreflightResult> | undefined
  state.carried.warnings = found?.warnings ?? []
  state.begun = true
  state.changed = true
}

/**
 * Keeps the window filled. True when all days are done; false when the history is long enough for a
 * new run, which finds no child in flight: the server would close it along with this run.
 */
async function loadDays(state: BackfillState): Promise<boolean> {
  for (;;) {
    await condition(() => state.fault !== undefined || canStart(state) || isIdle(state))
    if (state.fault !== undefined) throw state.fault
    // Asked again: a message that came with the event that woke us may have changed the answer.
    if (isIdle(state)) return isExhausted(state)
    const day = canStart(state) ? await takeDay(state) : undefined
    if (day) void state.days.run(() => runDay(state, day))
    state.changed = true
  }
}

/** Nothing is in flight, and nothing more is to be started by this run. */
function isIdle(state: BackfillState): boolean {
  if (state.cancelled || state.root.consideredCancelled) return false
  if (state.inFlight.size > 0 || !allHandlersFinished()) return false
  return isExhausted(state) || workflowInfo().continueAsNewSuggested
}

/** Starts the child of a day and settles what becomes of it. Never rejects: see `state.fault`. */
async function runDay(state: BackfillState, day: DeferredDay): Promise<void> {
  const key = dayKey(day.day.from)
  const running = unstarted()
  state.inFlight.set(key, running)
  try {
    const end = await loadInChild(state, day, running)
    if (end === 'held') settleHeldDay(state, day)
    else await settleDay(state, day, end)
  } catch (error) {
    if (!CancellationScope.current().consideredCancelled) state.fault ??= error
  } finally {
    state.inFlight.delete(key)
    state.changed = true
  }
}

async function finish(state: BackfillState): Promise<BackfillResult> {
  state.finishing = true
  state.changed = true
  // Everything was done before a cancel that arrives now.
  const { warnings = [], differs } = state.carried
  const reason = [...warnings, ...(differs ? [describeDifference(differs)] : [])].join(' ')
  const result = await CancellationScope.nonCancellable(() =>
    state.control.finish({
      backfill: state.request,
      outcome: 'finished',
      ...(reason && { reason }),
      pausedMs: pausedFor(state),
    }),
  )
  showEnd(state, result.outcome)
  return result
}

/** Cancels what is in flight, waits for it, records the end, and throws what the run ends with. */
async function endEarly(state: BackfillState, error: unknown): Promise<never> {
  const cancelled = isCancellation(error) && state.root.consideredCancelled
  const reason = cancelled ? state.cancelled?.reason : reasonOf(error)
  state.fault ??= error
  state.changed = true
  state.days.cancel()
  await condition(() => state.inFlight.size === 0)
  state.finishing = true
  state.changed = true
  try {
    const outcome = cancelled ? 'cancelled' : 'failed'
    const pausedMs = pausedFor(state)
    const end = { outcome, pausedMs, ...(reason && { reason }) } as const
    await state.control.finish({ backfill: state.request, ...end })
  } catch (lost) {
    log.error('could not record how the backfill ended', { error: reasonOf(lost) })
  }
  const aborted = failureTypeOf(error) === FAILURE.aborted
  showEnd(state, cancelled ? 'cancelled' : aborted ? 'aborted' : 'failed')
  throw cancelled ? error : toWorkflowFailure(error)
}
