import { ApplicationFailure, log } from '@temporalio/workflow'
import type { DayOutcome, DeferredDay, FailedDay } from '@backtide/core/backfill'
import { FAILURE } from '@backtide/core/failure'
import { dayKey } from '@backtide/core/partition'
import { addDifference, describeDifference } from '@backtide/core/plan'
import { addCounts, isOpen, OBJECT_STATES, totalCount } from '@backtide/core/state'
import type { ObjectState, StateCounts } from '@backtide/core/state'
import { giveUpInChild } from './day-child.ts'
import type { DayEnd } from './day-child.ts'
import { defer, hasRoomForHeld, heldWait, passOver } from './days.ts'
import { isOverBudget } from './options.ts'
import { pauseBackfill } from './pause.ts'
import type { BackfillState } from './state.ts'

const MAX_FAILED = 100

/**
 * Another backfill holds the day: it is tried again later, however often, and never fails. With too
 * many such days at once, those met first are kept and tried; the others are passed over.
 */
export function settleHeldDay(state: BackfillState, day: DeferredDay): void {
  if (day.held === 0 && !hasRoomForHeld(state)) return passOver(state, day)
  defer(state, { ...day, held: day.held + 1 }, heldWait(state.request.tempo, day.held))
}

/** Adds up a day that is done; starts one again that is not, or lets it fail for good. */
export async function settleDay(
  state: BackfillState,
  day: DeferredDay,
  { outcome, refused, lost }: DayEnd,
): Promise<void> {
  pauseIfSpent(state, outcome)
  pauseIfDifferent(state, outcome)
  if (outcome.left) return takeBack(state, day, outcome)
  if (!hasFailed(outcome)) return completeDay(state, outcome)
  if (refused && state.request.onFailure === 'continue') return refuseDay(state, day, outcome)
  const wait = refused ? undefined : state.request.tempo.dayRestarts[day.failures]
  if (wait !== undefined)
    return startAgain(state, { ...day, failures: day.failures + 1 }, outcome, wait)
  const reason = outcome.reason ?? 'unknown'
  failDay(state, day, lost ? added(outcome, await giveUpInChild(state, day, reason)) : outcome)
}

/** Starts the failed days kept again; returns how many. */
export function retryFailedDays(state: BackfillState): number {
  const { failed } = state.carried
  state.carried.refused = undefined
  for (const one of failed) unfail(state, one)
  return failed.length
}

/** A budget is spent: everything waits, unless the limit was raised since the day began. */
function pauseIfSpent(state: BackfillState, { stopped }: DayOutcome): void {
  if (!stopped || state.carried.paused) return
  const { reason, maxCostUsd: limit } = stopped
  const { maxCostUsd = Number.POSITIVE_INFINITY } = state.carried
  if (limit === undefined || maxCostUsd <= limit) pauseBackfill(state, { reason, by: 'backtide' })
}

/** The first time that something is not what the plan saw, somebody decides; then it is passed over. */
function pauseIfDifferent(state: BackfillState, { differs }: DayOutcome): void {
  if (!differs) return
  const isFirst = state.carried.differs === undefined
  state.carried.differs = addDifference(state.carried.differs, differs)
  if (!isFirst || state.carried.paused) return
  const { planId = '' } = state.request
  const reason =
    `${describeDifference(differs)}: plan ${planId} is stale. Cancel it and plan again, ` +
    'or resume it to pass over whatever differs'
  pauseBackfill(state, { reason, by: 'backtide' })
}

/** A paused day has handed back what it had not begun. */
function takeBack(state: BackfillState, day: DeferredDay, outcome: DayOutcome): void {
  const { left = day.day } = outcome
  if (hasFailed(outcome)) return startAgain(state, day, outcome, 0)
  add(state, outcome)
  defer(state, { ...day, day: left, held: 0 }, 0)
}

function completeDay(state: BackfillState, outcome: DayOutcome): void {
  add(state, outcome)
  state.carried.daysDone += 1
  // A day in which others had left nothing to do says nothing of access.
  if (totalCount(outcome.counts) > 0) state.carried.refused = undefined
}

/**
 * One refused day fails like any other. A second in a row says that the rest would fare no better:
 * the backfill pauses, and the days refused wait with it.
 */
function refuseDay(state: BackfillState, day: DeferredDay, outcome: DayOutcome): void {
  const { carried } = state
  if (!carried.refused) {
    carried.refused = [failDay(state, day, outcome)]
    return
  }
  const days = [...carried.refused.map((one) => one.day), day.day]
  for (const one of carried.refused) unfail(state, one)
  carried.refused = []
  startAgain(state, { ...day, failures: 0 }, outcome, 0)
  const which = days.map(({ from }) => dayKey(from)).join(' and ')
  const reason =
    `${which} refused, and no day between has succeeded: ${reasonOf(outcome)}; ` +
    'mend it, then resume: the days refused are started again'
  pauseBackfill(state, { reason, by: 'backtide' })
}

function failDay(state: BackfillState, { day }: DeferredDay, outcome: DayOutcome): FailedDay {
  const reason = reasonOf(outcome)
  const key = dayKey(day.from)
  const failed = { day, reason, open: openCounts(outcome.counts) }
  log.warn('a day failed', { day: key, reason })
  if (state.request.onFailure === 'pause') {
    startAgain(state, { day, held: 0, failures: 0 }, outcome, 0)
    const text = `${key} failed: ${reason}; it is started again on resume`
    pauseBackfill(state, { reason: text, by: 'backtide' })
    return failed
  }
  const { carried } = state
  add(state, outcome)
  carried.daysFailed += 1
  if (carried.failed.length < MAX_FAILED) carried.failed = [...carried.failed, failed]
  if (state.request.onFailure === 'abort') {
    state.fault ??= ApplicationFailure.nonRetryable(`${key} failed: ${reason}`, FAILURE.aborted)
  } else if (isOverBudget(state)) {
    const text = `${carried.daysFailed} days have failed, as many as may; the last was ${key}: ${reason}`
    pauseBackfill(state, { reason: `${text}; resume to go on`, by: 'backtide' })
  }
  return failed
}

/** A failed day is to be started again after all. */
function unfail(state: BackfillState, { day, open }: FailedDay): void {
  const { carried } = state
  carried.failed = carried.failed.filter((one) => one.day.from !== day.from)
  carried.daysFailed -= 1
  if (carried.forgiven) carried.forgiven = Math.min(carried.forgiven, carried.daysFailed)
  carried.counts = withoutCounts(carried.counts, open)
  defer(state, { day, held: 0, failures: 0 }, 0)
}

/** Puts off the whole of a day, of which what is settled by now is not loaded again. */
function startAgain(
  state: BackfillState,
  day: Omit<DeferredDay, 'dueAt'>,
  outcome: DayOutcome,
  wait: number,
): void {
  add(state, { ...outcome, counts: settledCounts(outcome.counts) })
  defer(state, { ...day, held: 0 }, wait)
}

/** A child that ended without an outcome has a reason, but could not count what failed. */
function hasFailed(outcome: DayOutcome): boolean {
  return outcome.reason !== undefined || (outcome.counts.failed ?? 0) > 0
}

function reasonOf({ reason }: DayOutcome): string {
  return reason ?? 'objects failed; the ledger has their reasons'
}

/** What a lost child had come to, and what was recorded for it. */
function added(outcome: DayOutcome, recorded: DayOutcome): DayOutcome {
  const counts = addCounts(settledCounts(outcome.counts), recorded.counts)
  return { ...outcome, counts }
}

function add({ carried }: BackfillState, outcome: DayOutcome): void {
  carried.counts = addCounts(carried.counts, outcome.counts)
  carried.rows += outcome.rows
  if (outcome.warnings) carried.warnings = withWarnings(carried.warnings, outcome.warnings)
}

/** What was told before, and more, as far as there is room. */
function withWarnings(before: readonly string[] = [], more: readonly string[]): readonly string[] {
  return [...new Set([...before, ...more])].slice(0, MAX_WARNINGS)
}

const MAX_WARNINGS = 20

/** Objects that would be loaded again if their day was started again: `failed` and `pending`. */
function openCounts(counts: StateCounts): StateCounts {
  return pick(counts, isOpen)
}

/** Objects that are settled, so that another start of their day passes over them. */
function settledCounts(counts: StateCounts): StateCounts {
  return pick(counts, (state) => !isOpen(state))
}

/** What is left of the counts without some of them. */
function withoutCounts(counts: StateCounts, some: StateCounts): StateCounts {
  const left: Partial<Record<ObjectState, number>> = {}
  for (const state of OBJECT_STATES) {
    const number = (counts[state] ?? 0) - (some[state] ?? 0)
    if (number > 0) left[state] = number
  }
  return left
}

function pick(counts: StateCounts, wanted: (state: ObjectState) => boolean): StateCounts {
  const picked: Partial<Record<ObjectState, number>> = {}
  for (const state of OBJECT_STATES) {
    const number = counts[state]
    if (number && wanted(state)) picked[state] = number
  }
  return picked
}
