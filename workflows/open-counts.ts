import { isOpen, OBJECT_STATES } from '@backtide/core/state'
import type { ObjectState, StateCounts } from '@backtide/core/state'

/** Objects that would be loaded again if their day was started again: `failed` and `pending`. */
export function openCounts(counts: StateCounts): StateCounts {
  return pick(counts, isOpen)
}

/** Objects that are settled, so that another start of their day passes over them. */
export function settledCounts(counts: StateCounts): StateCounts {
  return pick(counts, (state) => !isOpen(state))
}

/** What is left of the counts without some of them. */
export function withoutCounts(counts: StateCounts, some: StateCounts): StateCounts {
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
