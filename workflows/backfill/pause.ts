import type { Remark } from '@backtide/core/backfill'
import { pauseSignal, resumeSignal } from '../messages.ts'
import type { BackfillState, RunningDay } from './state.ts'

/** Starts nothing new from now on; days in flight end after their load and hand back the rest. */
export function pauseBackfill(state: BackfillState, remark: Remark): void {
  state.carried.paused = remark
  state.carried.pausedSince ??= Date.now()
  state.changed = true
  tellAll(state)
}

/** Goes on, here and in the days that are still in flight. */
export function resumeBackfill(state: BackfillState): void {
  state.carried.pausedMs = pausedFor(state)
  state.carried.paused = undefined
  state.carried.pausedSince = undefined
  state.carried.refused = undefined
  if (state.carried.daysFailed > 0) state.carried.forgiven = state.carried.daysFailed
  state.changed = true
  tellAll(state)
}

/** How long the backfill has been paused so far, milliseconds. */
export function pausedFor({ carried: { pausedSince, pausedMs = 0 } }: BackfillState): number {
  return pausedSince === undefined ? pausedMs : pausedMs + Date.now() - pausedSince
}

/**
 * Has a child know whether the backfill is paused. One signal at a time, as the server does not
 * promise to deliver two of them in order.
 */
export async function tellDay(state: BackfillState, day: RunningDay): Promise<void> {
  if (!day.child || day.telling) return
  day.telling = true
  try {
    while (day.toldPaused !== Boolean(state.carried.paused)) {
      day.toldPaused = Boolean(state.carried.paused)
      await day.child.signal(
        day.toldPaused ? pauseSignal : resumeSignal,
        state.carried.paused ?? {},
      )
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
