/** Last known states of an object, as the ledger keeps them. */
export const OBJECT_STATES = [
  'complete',
  'complete_empty',
  'not_listed',
  'missing',
  'pending',
  'corrupt',
  'degraded',
  'failed',
  'reset',
  'unverified',
] as const

/**
 * - `complete`: loaded, applied and read back; `complete_empty`: the object holds no record.
 * - `not_listed`: nobody traded the instrument then, so nothing was asked for.
 * - `missing`: absent upstream, final; `pending`: absent, but younger than the dataset's final age.
 * - `corrupt`: all bytes arrived and cannot be decoded; the rows of the valid prefix stay.
 * - `degraded`: loaded, but lines were rejected, it is cut short, or rows were lost for good.
 * - `failed`: gave up; the reason is kept.
 * - `reset`: forgotten on purpose.
 * - `unverified`: its rows may be in the database, but must be read back before they count.
 */
export type ObjectState = (typeof OBJECT_STATES)[number]

/** How many objects are in each state. States with no object may be absent. */
export type StateCounts = Readonly<Partial<Record<ObjectState, number>>>

/** States that say what is in the table, because it was read back. */
export const READ_BACK: readonly ObjectState[] = [
  'complete',
  'complete_empty',
  'corrupt',
  'degraded',
]

/** True for the states that leave no gap. */
export function isComplete(state: ObjectState): state is ExplainedState {
  return EXPLAINED.has(state)
}

/** True for the states that a load could change: what `incomplete` loads again. */
export function isOpen(state: ObjectState): boolean {
  return OPEN.has(state)
}

/** Sum of two counts. */
export function addCounts(a: StateCounts, b: StateCounts): StateCounts {
  const sum: Partial<Record<ObjectState, number>> = { ...a }
  for (const state of OBJECT_STATES) {
    const more = b[state]
    if (more) sum[state] = (sum[state] ?? 0) + more
  }
  return sum
}

/** Objects counted in all states together. */
export function totalCount(counts: StateCounts): number {
  return OBJECT_STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
}

/** Objects counted that a load could change. */
export function openCount(counts: StateCounts): number {
  return OBJECT_STATES.reduce((sum, state) => sum + (isOpen(state) ? (counts[state] ?? 0) : 0), 0)
}

/** Objects counted that leave a gap. */
export function gapCount(counts: StateCounts): number {
  return OBJECT_STATES.reduce(
    (sum, state) => sum + (isComplete(state) ? 0 : (counts[state] ?? 0)),
    0,
  )
}

/** Part of all objects, those of which nothing is known included, that leaves no gap: 0 to 100. */
export function percentWithoutGap(counts: StateCounts, unknown: number): number {
  const all = totalCount(counts) + unknown
  return all === 0 ? 100 : (100 * (totalCount(counts) - gapCount(counts))) / all
}

/** The states that leave no gap. */
export type ExplainedState = 'complete' | 'complete_empty' | 'not_listed'

const EXPLAINED: ReadonlySet<ObjectState> = new Set<ExplainedState>([
  'complete',
  'complete_empty',
  'not_listed',
])

const OPEN: ReadonlySet<ObjectState> = new Set(['pending', 'failed', 'reset', 'unverified'])
