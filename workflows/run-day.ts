import { CancellationScope } from '@temporalio/workflow'
import type { DeferredDay } from '@backtide/core/backfill'
import { dayKey } from '@backtide/core/partition'
import type { BackfillState, RunningDay } from './backfill-state.ts'
import { loadInChild } from './day-child.ts'
import { settleDay, settleHeldDay } from './settle-day.ts'

/** Starts the child of a day and settles what becomes of it. Never rejects: see `state.fault`. */
export async function runDay(state: BackfillState, day: DeferredDay): Promise<void> {
  const key = dayKey(day.day.from)
  const running: RunningDay = { child: undefined, toldPaused: false, telling: false }
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
