import { OBJECT_STATES, type ObjectState, type StateCounts } from '@backtide/core/state'

/** What a cell of a grid can say. */
export type CellState = ObjectState | 'unknown'

/** A sign for each, so that colours are not needed, and its colour on a terminal (SGR). */
const LOOKS: Readonly<Record<CellState, readonly [glyph: string, color: number]>> = {
  complete: ['█', 32],
  complete_empty: ['▒', 32],
  not_listed: ['/', 90],
  missing: ['·', 90],
  pending: ['?', 34],
  corrupt: ['!', 31],
  degraded: ['~', 33],
  failed: ['x', 31],
  reset: ['o', 35],
  unverified: ['%', 36],
  unknown: ['-', 90],
}

/** What a cell of many objects says: the first of these that it has. */
const WORST_FIRST: readonly ObjectState[] = [
  'failed',
  'corrupt',
  'unverified',
  'degraded',
  'reset',
  'missing',
  'pending',
]

/** One sign for a state. */
export function glyphOf(state: CellState, colors: boolean): string {
  const [glyph, color] = LOOKS[state]
  return colors ? `\u001b[${color}m${glyph}\u001b[39m` : glyph
}

/** What to show of many objects at once: the worst of them. */
export function worstOf(counts: StateCounts, unknown: number): CellState {
  const worst = WORST_FIRST.find((state) => (counts[state] ?? 0) > 0)
  if (worst) return worst
  if (unknown > 0) return 'unknown'
  if ((counts.complete ?? 0) > 0) return 'complete'
  return (counts.complete_empty ?? 0) > 0 ? 'complete_empty' : 'not_listed'
}

/** What the signs mean, in one line. */
export function legend(colors: boolean): string {
  return [...OBJECT_STATES, 'unknown' as const]
    .map((state) => `${glyphOf(state, colors)} ${state}`)
    .join('   ')
}
