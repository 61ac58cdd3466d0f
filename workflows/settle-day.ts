import { ApplicationFailure, log } from '@temporalio/workflow'
import type { DayOutcome, DeferredDay } from '@backtide/core/backfill'
import { FAILURE } from '@backtide/core/failure'
import { dayKey } from '@backtide/core/partition'
import { addCounts } from '@backtide/core/state'
import type { BackfillState } from './backfill-state.ts'
import { defer, heldWait } from './deferred-days.ts'
import { isOwnCancellation, reasonOf } from './failures.ts'
import { openCounts, settledCounts, withoutCounts } from './open-counts.ts'
import { pauseBackfill } from './pause.ts'

const MAX_FAILED = 100

/** What became of a day that was started. */
export interface DayEnd {
  readonly outcome: DayOutcome
  /** The ledger knows what failed: false when the child itself failed. */
  readonly recorded: boolean
}

/** Another backfill holds the day: it is tried again later, however often, and never fails. */
export function settleHeldDay(state: BackfillState, day: DeferredDay): void {
  const wait = heldWait(state.request.tempo, day.held)
  // By then the other backfill will have written rows of the day.
  defer(state, { ...day, wholeDay: true, held: day.held + 1 }, wait)
}

/** Adds up a day that is done; starts a failed one again, or lets it fail for good. */
export async function settleDay(
  state: BackfillState,
  day: DeferredDay,
  end: DayEnd,
): Promise<void> {
  const { outcome } = end
  if (!hasFailed(outcome)) {
    add(state, outcome)
    state.daysDone += 1
    return
  }
  const wait = state.request.tempo.dayRestarts[day.failures]
  if (wait === undefined) return failDay(state, day, await recordUnsettled(state, day, end))
  add(state, { ...outcome, counts: settledCounts(outcome.counts) })
  defer(state, againAfter(day, outcome, day.failures + 1), wait)
}

/** Starts the failed days kept again; returns how many. */
export function retryFailedDays(state: BackfillState): number {
  const { failed } = state
  state.failed = []
  state.daysFailed -= failed.length
  for (const { day, open } of failed) {
    state.counts = withoutCounts(state.counts, open)
    defer(state, { day, wholeDay: true, held: 0, failures: 0 }, 0)
  }
  return failed.length
}

/** A child that ended without an outcome has a reason, but could not count what failed. */
function hasFailed(outcome: DayOutcome): boolean {
  return outcome.reason !== undefined || (outcome.counts.failed ?? 0) > 0
}

function failDay(state: BackfillState, day: DeferredDay, outcome: DayOutcome): void {
  const reason = outcome.reason ?? 'objects failed; the ledger has their reasons'
  const text = `${dayKey(day.day.from)} failed: ${reason}`
  log.warn('a day failed', { day: dayKey(day.day.from), reason })
  if (state.request.onFailure === 'pause') {
    add(state, { ...outcome, counts: settledCounts(outcome.counts) })
    defer(state, againAfter(day, outcome, 0), 0)
    pauseBackfill(state, { reason: `${text}; it is started again on resume`, by: 'backtide' })
    return
  }
  add(state, outcome)
  state.daysFailed += 1
  const failed = { day: day.day, reason, open: openCounts(outcome.counts) }
  if (state.failed.length < MAX_FAILED) state.failed = [...state.failed, failed]
  if (state.request.onFailure === 'abort') {
    state.fault ??= ApplicationFailure.nonRetryable(text, FAILURE.aborted)
  }
}

/** Has the ledger say why a day failed whose child could not do so itself. */
async function recordUnsettled(
  state: BackfillState,
  day: DeferredDay,
  { outcome, recorded }: DayEnd,
): Promise<DayOutcome> {
  if (recorded) return outcome
  const { backfillId, dataset, symbols, reprocess } = state.request
  const reason = outcome.reason ?? 'unknown'
  const failure = { backfillId, dataset, symbols, partitions: day.day, reprocess, reason }
  try {
    const { counts } = await state.control.recordFailure(failure)
    return { ...outcome, counts: addCounts(settledCounts(outcome.counts), counts) }
  } catch (error) {
    if (isOwnCancellation(error)) throw error
    log.warn('could not record a failure', { day: dayKey(day.day.from), error: reasonOf(error) })
    return outcome
  }
}

function againAfter(
  day: DeferredDay,
  outcome: DayOutcome,
  failures: number,
): Omit<DeferredDay, 'dueAt'> {
  return { ...day, wholeDay: day.wholeDay || outcome.rows > 0, failures }
}

function add(state: BackfillState, outcome: DayOutcome): void {
  state.counts = addCounts(state.counts, outcome.counts)
  state.rows += outcome.rows
}
