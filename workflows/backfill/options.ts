import { countDays } from '@backtide/core/partition'
import type { DaySpan } from '@backtide/core/backfill'
import { optionalOf } from '@backtide/core/optional-fields'
import { failuresAllowed, PRIORITY } from '@backtide/core/running-options'
import type { OptionsChange, RunningOptions } from '@backtide/core/running-options'
import type { BackfillState } from './state.ts'

/** The options as they are now: asked for at first, or changed since. */
export function optionsOf({ request, carried }: BackfillState): RunningOptions {
  const { concurrency } = carried
  if (carried.options) return { ...carried.options, concurrency }
  const { order, priority = PRIORITY.backfill } = request
  return { order, concurrency, ...optionalOf(request), priority }
}

/** Changes some options of a change that is in order; `null` takes a limit away. */
export function setOptions(state: BackfillState, change: OptionsChange): RunningOptions {
  const before = optionsOf(state)
  const all = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null)
  const { concurrency, ...options } = Object.fromEntries(all) as unknown as RunningOptions
  if (options.order !== before.order) turnRound(state)
  state.carried.concurrency = concurrency
  state.carried.options = options
  state.changed = true
  return { ...options, concurrency }
}

/** Whether as many days have failed as may, since the backfill was last resumed. */
export function isOverBudget(state: BackfillState): boolean {
  const { daysFailed, forgiven = 0 } = state.carried
  const allowed = failuresAllowed(optionsOf(state), countDays(state.request.range))
  return allowed !== undefined && daysFailed - forgiven >= allowed
}

/** Days that are left, counted from the other end of the range. */
function turnRound(state: BackfillState): void {
  const days = countDays(state.request.range)
  const { left } = state.carried
  const turned = left.map((span): DaySpan => ({
    ...span,
    from: days - span.to,
    to: days - span.from,
  }))
  // Those passed over stay behind the others.
  state.carried.left = [
    ...turned.filter(({ again }) => !again).toReversed(),
    ...turned.filter(({ again }) => again).toReversed(),
  ]
  state.ahead = []
  state.plannedTo = 0
}
