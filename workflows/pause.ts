import type { Control } from '@backtide/core/backfill'
import type { BackfillState, RunningDay } from './backfill-state.ts'
import { pauseSignal, resumeSignal } from './messages.ts'

/** Starts nothing new from now on, here and in the days in flight. */
export function pauseBackfill(state: BackfillState, control: Control): void {
  state.paused = control
  tellAll(state)
}

/** Goes on, here and in the days in flight. */
export function resumeBackfill(state: BackfillState): void {
  state.paused = undefined
  tellAll(state)
}

/**
 * Has a child know whether the backfill is paused. One signal at a time, as the server does not
 * promise to deliver two of them in order.
 */
export async function tellDay(state: BackfillState, day: RunningDay): Promise<void> {
  if (!day.child || day.telling) return
  day.telling = true
  try {
    while (day.toldPaused !== Boolean(state.paused)) {
      day.toldPaused = Boolean(state.paused)
      await day.child.signal(day.toldPaused ? pauseSignal : resumeSignal, state.paused ?? {})
    }
  } catch {
    // A child that closed meanwhile has nothing left to pause.
  } finally {
    day.telling = false
  }
}

function tellAll(state: BackfillState): void {
  for (const day of state.inFlight.values()) void tellDay(state, day)
}
