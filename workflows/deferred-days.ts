import { sleep } from '@temporalio/workflow'
import type { DeferredDay } from '@backtide/core/backfill'
import { dayKey } from '@backtide/core/partition'
import type { Tempo } from '@backtide/core/tempo'
import type { BackfillState } from './backfill-state.ts'

/** True when a deferred day may be started. */
export function isDue(day: DeferredDay): boolean {
  return day.dueAt <= Date.now()
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
export function heldWait(tempo: Tempo, held: number): number {
  return Math.min(tempo.deferInitial * 2 ** held, tempo.deferMaximum)
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
