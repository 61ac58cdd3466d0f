import type { Checked, DatasetFacts } from './check-scope.ts'
import { dayKey } from './partition.ts'
import { DAY_MS, formatInstant, type Range } from './range.ts'

/** The part of a range that a venue still has, and what was left out, a sentence each. */
export interface KeptRange {
  readonly range: Range
  readonly warnings: readonly string[]
}

/**
 * Cuts a range to what the venue still has at an instant (UTC milliseconds): it begins with the first
 * whole day that is kept of the interval that goes back furthest. An error when nothing is left.
 */
export function clampToKept(
  range: Range,
  intervals: readonly string[] | undefined,
  dataset: DatasetFacts,
  now: number,
): Checked<KeptRange> {
  const starts = keptStarts(intervals, dataset, now)
  if (starts.length === 0) return { ok: true, value: { range, warnings: [] } }
  const first = Math.min(...starts.map(({ from }) => from))
  const late = starts.filter(({ from }) => from > Math.max(range.from, first))
  const instead = dataset.madeOf ? ` ${dataset.madeOf} can rebuild what is older.` : ''
  if (range.to <= first) {
    const detail = `The venue has nothing of ${namesOf(starts)} before ${dayKey(first)} any more, so there is nothing to load up to ${formatInstant(range.to)}; start later.${instead}`
    return { ok: false, errors: [{ pointer: '/from', detail }] }
  }
  const from = Math.max(range.from, first)
  const gone =
    from > range.from
      ? [
          `${dayKey(range.from)} to ${dayKey(from)} is left out: the venue has nothing of ${namesOf(starts)} before ${dayKey(first)} any more.${instead}`,
        ]
      : []
  const shorter = late.map(
    (one) =>
      `${one.interval} before ${dayKey(one.from)} cannot be loaded: the venue does not have it any more.${instead}`,
  )
  return { ok: true, value: { range: { ...range, from }, warnings: [...gone, ...shorter] } }
}

interface KeptStart {
  readonly interval: string
  /** First whole day that is kept, UTC milliseconds. */
  readonly from: number
}

function keptStarts(
  intervals: readonly string[] = [],
  { keptMs = {} }: DatasetFacts,
  now: number,
): readonly KeptStart[] {
  return intervals.flatMap((interval) => {
    const kept = keptMs[interval]
    if (kept === undefined) return []
    return [{ interval, from: Math.ceil((now - kept) / DAY_MS) * DAY_MS }]
  })
}

function namesOf(starts: readonly KeptStart[]): string {
  return starts.map(({ interval }) => interval).join(', ')
}
