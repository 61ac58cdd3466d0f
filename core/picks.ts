import type { Range } from './range.ts'
import { isComplete, type ObjectState } from './state.ts'

/** What is known of the rows that one source has of a series. Times are UTC milliseconds. */
export interface OriginCoverage {
  readonly origin: string
  /** Partitions that the ledger knows, and their states. */
  readonly partitions: readonly StatedPartition[]
  /** How far rows lie outside of their partition at most. */
  readonly reachMs: number
  /** Where it has rows, roughly. */
  readonly rows: readonly Range[]
}

/** A partition and what became of its objects. */
export interface StatedPartition extends Range {
  readonly state: ObjectState
}

/** As much of a dataset as it takes to tell from the ledger where it has rows of a table. */
export interface PickSource {
  readonly dataset: string
  readonly origin: string
  /** Columns of a series that are the same in all its rows. */
  readonly constants: Readonly<Record<string, string>>
  readonly partitionMs: number
  readonly reachMs: number
  /** How many objects a partition (start in UTC milliseconds) has of a series. */
  objects(start: number, series: string): number
}

/** The origin that readers see of a series for a time; without one all are seen. */
export interface OriginPick extends Range {
  readonly origin?: string | undefined
}

/**
 * Which origin readers see of a series when: at any time the one whose rows are told best, of equals
 * the first of `priority`. Best are those whose partition, and those that rows could stray from, are
 * complete or empty; then those that may lack what strayed; then degraded ones; then whatever has
 * rows. Times of which nobody knows anything have no pick, and neither has a range with one origin only.
 * A pick ends with its UTC day.
 */
export function choosePicks(
  coverage: readonly OriginCoverage[],
  priority: readonly string[],
  range: Range,
): readonly OriginPick[] {
  const graded = gradesIn(coverage, range)
  const picks: { origin: string; from: number; to: number }[] = []
  for (const { from, to } of cut(graded, range)) {
    const best = graded
      .filter((one) => one.from <= from && one.to >= to)
      .toSorted((a, b) => b.grade - a.grade || rankOf(a, priority) - rankOf(b, priority))[0]
    if (!best) continue
    const last = picks.at(-1)
    if (last?.origin === best.origin && last.to === from) last.to = to
    else picks.push({ origin: best.origin, from, to })
  }
  return picks
}

/** Whether there is anything to pick: rows of several origins, or an origin that knows of none. */
export function isContested(coverage: readonly OriginCoverage[], range: Range): boolean {
  return new Set(gradesIn(coverage, range).map(({ origin }) => origin)).size > 1
}

/**
 * What has to be written so that stored picks say what is wanted: a pick is known by its start, and
 * none can be taken away, so one that is not wanted any more goes on with what holds at its start.
 */
export function pickChanges(
  stored: readonly OriginPick[],
  wanted: readonly OriginPick[],
): readonly OriginPick[] {
  const starts = new Set(wanted.map(({ from }) => from))
  const kept = stored.filter(({ from }) => !starts.has(from)).map(({ from }) => holds(wanted, from))
  return [...wanted, ...kept].filter(
    (pick) =>
      !stored.some(
        (one) => one.from === pick.from && one.to === pick.to && one.origin === pick.origin,
      ),
  )
}

/** What a partition is that has so many objects, of which these states are known. */
export function stateOfAll(states: readonly ObjectState[], objects: number): ObjectState {
  if (states.length < objects) return 'unverified'
  const [first = 'unverified'] = states
  if (states.every((state) => state === first)) return first
  if (states.every(isComplete)) return states.includes('complete') ? 'complete' : 'complete_empty'
  return states.every((state) => state === 'degraded' || isComplete(state))
    ? 'degraded'
    : 'unverified'
}

/** How well the rows of a stretch are told. */
const GRADES = { rows: 1, degraded: 2, edge: 3, complete: 4 } as const

interface Grade extends Range {
  readonly grade: number
}

interface Graded extends Grade {
  readonly origin: string
}

function gradesIn(coverage: readonly OriginCoverage[], range: Range): readonly Graded[] {
  return coverage.flatMap(gradesOf).filter(({ from, to }) => from < range.to && to > range.from)
}

function gradesOf({ origin, partitions, reachMs, rows }: OriginCoverage): readonly Graded[] {
  const whole = joinRanges(partitions.filter(({ state }) => isComplete(state)))
  const inner = whole.map(({ from, to }) => ({ from: from + reachMs, to: to - reachMs }))
  const known = partitions.flatMap(({ from, to, state }): readonly Grade[] => {
    if (state === 'degraded') return [{ from, to, grade: GRADES.degraded }]
    if (state !== 'complete' && state !== 'complete_empty') return []
    const best = inner
      .map((one) => ({ from: Math.max(from, one.from), to: Math.min(to, one.to) }))
      .filter((one) => one.from < one.to)
      .map((one) => ({ ...one, grade: GRADES.complete }))
    return [{ from, to, grade: GRADES.edge }, ...best]
  })
  const seen = rows.map(({ from, to }) => ({ from, to, grade: GRADES.rows }))
  return [...known, ...seen].map((one) => ({ ...one, origin }))
}

/** Ranges that touch as one. */
function joinRanges(ranges: readonly Range[]): readonly Range[] {
  const joined: { from: number; to: number }[] = []
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1)
    if (last && last.to >= from) last.to = Math.max(last.to, to)
    else joined.push({ from, to })
  }
  return joined
}

/** A range cut wherever anything begins or ends in it. */
function cut(ranges: readonly Range[], { from, to }: Range): readonly Range[] {
  const bounds = new Set([from, to])
  for (const at of ranges.flatMap((one) => [one.from, one.to])) {
    if (at > from && at < to) bounds.add(at)
  }
  const sorted = [...bounds].toSorted((a, b) => a - b)
  return sorted.slice(1).map((end, at) => ({ from: sorted[at] ?? from, to: end }))
}

function rankOf({ origin }: Graded, priority: readonly string[]): number {
  const at = priority.indexOf(origin)
  return at < 0 ? priority.length : at
}

function holds(wanted: readonly OriginPick[], at: number): OriginPick {
  const run = wanted.find(({ from, to }) => from <= at && to > at)
  return run ? { ...run, from: at } : { from: at, to: at }
}
