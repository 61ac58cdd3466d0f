import { workflowInfo } from '@temporalio/workflow'
import type { DaySpan, DeferredDay } from '@backtide/core/backfill'
import { countDays, dayIndex } from '@backtide/core/partition'
import type { BackfillState } from './backfill-state.ts'
import { daysAhead, hullOf, monthFrom } from './day-plan.ts'
import { isDue } from './deferred-days.ts'

/** Days kept on the list of deferred ones, as many again as are in flight left aside. */
const MAX_DEFERRED = 50

/** Spans of days passed over: more than five years can be cut into. */
const MAX_SPANS = 1_000

/** True while there is room and something to start, or to plan. */
export function canStart(state: BackfillState): boolean {
  const { paused, deferred, concurrency } = state.carried
  const open = !paused && !state.cancelled && !workflowInfo().continueAsNewSuggested
  const room = state.inFlight.size < concurrency
  return open && room && (deferred.some(isDue) || hasNewDay(state))
}

/** True when every day was taken and none is waiting. */
export function isExhausted({ carried: { left, deferred } }: BackfillState): boolean {
  return left.length === 0 && deferred.length === 0
}

/** Days that are waiting to be started again, and days taken so far. */
export function countTaken({ carried, request }: BackfillState): {
  readonly planned: number
  readonly deferred: number
} {
  const sum = (again: boolean) =>
    carried.left
      .filter((span) => span.again === again)
      .reduce((total, { from, to }) => total + to - from, 0)
  return {
    planned: countDays(request.range) - sum(false),
    deferred: carried.deferred.length + sum(true),
  }
}

/**
 * The next day to start: one that waited long enough, else the next one planned. With none planned
 * it plans a month and gives nothing: the backfill may be paused by the time the plan is there.
 */
export async function takeDay(state: BackfillState): Promise<DeferredDay | undefined> {
  const { carried } = state
  const due = carried.deferred.find(isDue)
  if (due) {
    carried.deferred = carried.deferred.filter((day) => day !== due)
    return due
  }
  const [next, ...rest] = state.ahead
  if (!next) {
    await planMonth(state)
    return undefined
  }
  state.ahead = rest
  const end = rest.length > 0 ? next.index + 1 : state.plannedTo
  carried.daysDone += advance(state, end) - 1
  return { day: next.day, held: 0, failures: 0, dueAt: 0 }
}

/** Whether there is room on the list of deferred days for one more that another backfill holds. */
export function hasRoomForHeld({ carried }: BackfillState): boolean {
  return carried.deferred.length < MAX_DEFERRED
}

/** Puts off a day until all others were taken, so that it keeps none of them waiting. */
export function passOver({ carried, request }: BackfillState, { day }: DeferredDay): void {
  const index = dayIndex(request.range, request.order, day.from)
  const last = carried.left.at(-1)
  carried.left =
    last?.again && last.to === index
      ? [...carried.left.slice(0, -1), { ...last, to: index + 1 }]
      : [...carried.left, { from: index, to: index + 1, again: true }]
}

function hasNewDay(state: BackfillState): boolean {
  const [span] = state.carried.left
  if (!span || state.carried.left.length >= MAX_SPANS) return false
  return !span.again || hasRoomForHeld(state)
}

async function planMonth(state: BackfillState): Promise<void> {
  const { backfillId, dataset, symbols, reprocess, range, order } = state.request
  const [span] = state.carried.left
  if (!span) return
  const days = monthFrom(range, order, span)
  const month = { backfillId, dataset, symbols, range: hullOf(days), reprocess }
  const plan = await state.control.planDays(month)
  state.ahead = daysAhead(days, span.from, plan)
  state.plannedTo = span.from + days.length
  if (state.ahead.length === 0) state.carried.daysDone += advance(state, state.plannedTo)
}

/** Moves on to a day of the first span; returns how many days that is. */
function advance({ carried }: BackfillState, to: number): number {
  const [span, ...others] = carried.left as readonly [DaySpan, ...DaySpan[]]
  carried.left = to < span.to ? [{ ...span, from: to }, ...others] : others
  return to - span.from
}
