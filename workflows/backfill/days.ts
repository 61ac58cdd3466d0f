import { sleep, workflowInfo } from '@temporalio/workflow'
import { workOf } from '@backtide/core/backfill'
import type { DaySpan, DeferredDay, PlanResult } from '@backtide/core/backfill'
import { countDays, dayAt, dayIndex, dayKey } from '@backtide/core/partition'
import type { Order } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import type { Timing } from '@backtide/core/timing'
import { optionsOf } from './options.ts'
import type { AheadDay, BackfillState } from './state.ts'

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

/** Puts a day on the list of those to be started after `wait` milliseconds. */
export function defer(state: BackfillState, day: Omit<DeferredDay, 'dueAt'>, wait: number): void {
  const deferred: DeferredDay = { ...day, dueAt: wait > 0 ? Date.now() + wait : 0 }
  state.carried.deferred = [...state.carried.deferred, deferred]
  wakeWhenDue(state, deferred)
}

/** Sets the timer of every deferred day: a new run has the list, but not the timers. */
export function resumeDeferred(state: BackfillState): void {
  for (const day of state.carried.deferred) wakeWhenDue(state, day)
}

/** Wait for a day that another backfill holds: doubling from `deferInitial` to `deferMaximum`. */
export function heldWait(timing: Timing, held: number): number {
  return Math.min(timing.deferInitial * 2 ** held, timing.deferMaximum)
}

/** Whether there is room on the list of deferred days for one more that another backfill holds. */
export function hasRoomForHeld({ carried }: BackfillState): boolean {
  return carried.deferred.length < MAX_DEFERRED
}

/** Puts off a day until all others were taken, so that it keeps none of them waiting. */
export function passOver(state: BackfillState, { day }: DeferredDay): void {
  const { carried, request } = state
  const index = dayIndex(request.range, optionsOf(state).order, day.from)
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
  const { reprocess, range } = state.request
  const { order } = optionsOf(state)
  const [span] = state.carried.left
  if (!span) return
  const days = monthFrom(range, order, span)
  const month = { ...workOf(state.request), range: hullOf(days), reprocess }
  const plan = await state.control.planDays(month)
  // Turned round meanwhile: what is planned is not what comes next.
  if (optionsOf(state).order !== order) return
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

/** The first days of a span that share a UTC month, in the order of the backfill. */
function monthFrom(range: Range, order: Order, { from, to }: DaySpan): readonly Range[] {
  const days = [dayAt(range, order, from)]
  const month = monthOf(days[0])
  for (let next = from + 1; next < to; next += 1) {
    const day = dayAt(range, order, next)
    if (monthOf(day) !== month) break
    days.push(day)
  }
  return days
}

function monthOf(day: Range | undefined): string {
  return day ? dayKey(day.from).slice(0, 7) : ''
}

/** The smallest range that holds some days. */
function hullOf(days: readonly Range[]): Range {
  return {
    from: Math.min(...days.map((day) => day.from)),
    to: Math.max(...days.map((day) => day.to)),
  }
}

/** Those of some days, the first of them at `index`, that a plan says have something to load. */
function daysAhead(days: readonly Range[], index: number, plan: PlanResult): readonly AheadDay[] {
  const planned = new Set(plan.days.map(({ from }) => dayKey(from)))
  return days
    .map((day, offset) => ({ index: index + offset, day }))
    .filter(({ day }) => planned.has(dayKey(day.from)))
}

function isDue(day: DeferredDay): boolean {
  return day.dueAt <= Date.now()
}

function wakeWhenDue(state: BackfillState, day: DeferredDay): void {
  if (isDue(day)) return
  const summary = `start ${dayKey(day.day.from)} again`
  const timer = state.days.run(() => sleep(day.dueAt - Date.now(), { summary }))
  // The timer decides, not the clock: both are rounded differently.
  const wake = (): void => {
    const { carried } = state
    carried.deferred = carried.deferred.map((one) => (one === day ? { ...one, dueAt: 0 } : one))
  }
  timer.then(wake, () => undefined)
}
