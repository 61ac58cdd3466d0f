import { OBJECT_STATES } from '@backtide/core/state'
import type { Backfill, Retry } from '../answers.ts'
import { describeProgress } from '../progress.ts'
import { formatDuration, formatNumber } from './format.ts'
import { glyphOf, type CellState } from './glyphs.ts'

/** What a picture of a backfill is drawn for. */
export interface Canvas {
  readonly colors: boolean
  /** Columns of the terminal. */
  readonly columns: number
  /** UTC milliseconds. */
  readonly now: number
}

/** A backfill while it runs, a few lines: bars by state, how far it is, the oldest load, and what fails. */
export function showWatch(backfill: Backfill, canvas: Canvas): readonly string[] {
  return [
    describeProgress(backfill),
    ...barsOf(backfill, canvas),
    ...describeOldest(backfill, canvas),
    ...describeErrors(backfill.retrying),
  ]
}

/** Longest bar, in columns. */
const MOST_CELLS = 50

/** Columns beside a bar: the name of a state, its count, spaces. */
const BESIDE = 30

/** A bar for each state that there is, the longest that of all objects. */
function barsOf({ counts, total }: Backfill, { colors, columns }: Canvas): readonly string[] {
  const known = OBJECT_STATES.map((state) => [state, counts[state] ?? 0] as const)
  const queued = Math.max(0, total - known.reduce((sum, [, count]) => sum + count, 0))
  const cells = Math.max(10, Math.min(MOST_CELLS, columns - BESIDE))
  const bar = (name: string, state: CellState, count: number) => {
    const length = Math.max(1, Math.floor((cells * count) / Math.max(1, total)))
    const drawn = glyphOf(state, colors).replace(glyphOf(state, false), (glyph) =>
      glyph.repeat(length),
    )
    return `  ${name.padEnd(15)} ${drawn}${' '.repeat(cells - length)} ${formatNumber(count)}`
  }
  return [
    ...known.filter(([, count]) => count > 0).map(([state, count]) => bar(state, state, count)),
    ...(queued > 0 ? [bar('queued', 'unknown', queued)] : []),
  ]
}

function describeOldest(
  { running: [oldest, ...others] }: Backfill,
  { now }: Canvas,
): readonly string[] {
  if (!oldest) return []
  const { day, partition, step, since, attempt, temporalUi } = oldest
  const seconds = Math.max(0, now - Date.parse(since)) / 1000
  const tries = attempt > 1 ? `, attempt ${attempt}` : ''
  const more = others.length > 0 ? ` (the oldest of ${others.length + 1})` : ''
  return [
    `  at work: ${partition ?? day}${step ? ` ${step}` : ''}, for ${formatDuration(seconds)}${tries}${more}`,
    `    ${temporalUi}`,
  ]
}

/** Causes that are told apart, at most. */
const MOST_CAUSES = 3

/** What is tried again, by its cause: how many days it concerns, and where one of them can be seen. */
function describeErrors(retrying: readonly Retry[]): readonly string[] {
  const causes = new Map<string, Retry[]>()
  for (const retry of retrying) {
    // Times, keys and counts differ where the cause is the same.
    const cause = retry.error.replaceAll(/\S*\d\S*/g, '…')
    causes.set(cause, [...(causes.get(cause) ?? []), retry])
  }
  const all = [...causes.values()].toSorted((a, b) => b.length - a.length)
  const lines = all.slice(0, MOST_CAUSES).flatMap(([first, ...others]) => {
    if (!first) return []
    const { day, activity, error, temporalUi } = first
    const more = others.length > 0 ? ` and ${others.length} more` : ''
    return [`  fails: ${day ?? activity}${more}: ${error}`, `    ${temporalUi}`]
  })
  const left = all.length - MOST_CAUSES
  return left > 0 ? [...lines, `  and ${left} more causes: backtide status ID has them`] : lines
}
