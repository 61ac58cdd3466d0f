import { workflowInfo } from '@temporalio/workflow'
import type { DeferredDay } from '@backtide/core/backfill'
import { countDays } from '@backtide/core/partition'
import type { BackfillState } from './backfill-state.ts'
import { daysAhead, hullOf, monthFrom } from './day-plan.ts'
import { isDue } from './deferred-days.ts'

/** With as many days deferred no new ones are taken, so the list stays bounded. */
const MAX_DEFERRED = 50

/** True while there is room and something to start, or to plan. */
export function canStart(state: BackfillState): boolean {
  const open = !state.paused && !state.cancelled && !workflowInfo().continueAsNewSuggested
  const room = state.inFlight.size < state.concurrency
  return open && room && (state.deferred.some(isDue) || hasNewDay(state))
}

/** True when every day was taken and none is waiting. */
export function isExhausted(state: BackfillState): boolean {
  return state.cursor >= countDays(state.request.range) && state.deferred.length === 0
}

/**
 * The next day to start: one that waited long enough, else the next one planned. With none planned
 * it plans a month and gives nothing: the backfill may be paused by the time the plan is there.
 */
export async function takeDay(state: BackfillState): Promise<DeferredDay | undefined> {
  const due = state.deferred.find(isDue)
  if (due) {
    state.deferred = state.deferred.filter((day) => day !== due)
    return due
  }
  const [next, ...rest] = state.ahead
  if (!next) {
    await planMonth(state)
    return undefined
  }
  state.ahead = rest
  passOver(state, next.index)
  state.cursor += 1
  if (rest.length === 0) passOver(state, state.plannedTo)
  return { day: next.day, wholeDay: next.hasRows, held: 0, failures: 0, dueAt: 0 }
}

function hasNewDay(state: BackfillState): boolean {
  return state.deferred.length < MAX_DEFERRED && state.cursor < countDays(state.request.range)
}

async function planMonth(state: BackfillState): Promise<void> {
  const { backfillId, dataset, symbols, reprocess, range, order } = state.request
  const days = monthFrom(range, order, state.cursor)
  const month = { backfillId, dataset, symbols, range: hullOf(days), reprocess }
  const plan = await state.control.planDays(month)
  state.ahead = daysAhead(days, state.cursor, plan)
  state.plannedTo = state.cursor + days.length
  if (state.ahead.length === 0) passOver(state, state.plannedTo)
}

/** Moves the cursor over days that have nothing to load. */
function passOver(state: BackfillState, to: number): void {
  state.daysDone += to - state.cursor
  state.cursor = to
}
