import { DAY_MS, HOUR_MS, type Range } from './range.ts'

/** Size of a partition: the unit that is retried, verified and reported. */
export type Granularity = 'hour' | 'day'

/** Whether days are loaded oldest or newest first; the partitions of a day always ascend. */
export type Order = 'oldest-first' | 'newest-first'

const LENGTH_MS: Readonly<Record<Granularity, number>> = { hour: HOUR_MS, day: DAY_MS }

/** Length of a partition in milliseconds. */
export function partitionLength(granularity: Granularity): number {
  return LENGTH_MS[granularity]
}

/** `2025-01-01T07` for an hour, `2025-01-01` for a day. */
export function partitionKey(start: number, granularity: Granularity): string {
  return new Date(start).toISOString().slice(0, granularity === 'hour' ? 13 : 10)
}

/** UTC day of an instant: `2025-01-01`. */
export function dayKey(instant: number): string {
  return partitionKey(instant, 'day')
}

/**
 * Starts of the partitions of a range, ascending; only those of some UTC hours of each day where these are
 * named. The range must lie on partition bounds.
 */
export function partitionsOf(
  range: Range,
  granularity: Granularity,
  hours?: readonly number[],
): number[] {
  const length = partitionLength(granularity)
  const starts: number[] = []
  for (let start = range.from; start < range.to; start += length) {
    if (!hours || hours.includes(Math.floor((start % DAY_MS) / HOUR_MS))) starts.push(start)
  }
  return starts
}

/** Hours of a day as they are written, `0-7,14`; undefined where that is none. */
export function parseHours(text: string): number[] | undefined {
  const hours = text.split(',').map((part) => {
    const [, first, last = first] = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(part.trim()) ?? []
    const [from, to] = [Number(first), Number(last)]
    if (!(from <= to && to <= 23)) return []
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
  return hours.some((part) => part.length === 0) ? undefined : hours.flat()
}

/** How many partitions a range has. */
export function countPartitions(range: Range, granularity: Granularity): number {
  return Math.max(0, Math.ceil((range.to - range.from) / partitionLength(granularity)))
}

/** How many UTC days a range touches. */
export function countDays(range: Range): number {
  return Math.max(0, Math.ceil(range.to / DAY_MS) - Math.floor(range.from / DAY_MS))
}

/**
 * The `index`-th day of a range in the given order, cut to the range. A pure function, so a run
 * carries an index over continue-as-new, never a list.
 */
export function dayAt(range: Range, order: Order, index: number): Range {
  const first = Math.floor(range.from / DAY_MS)
  const number = order === 'oldest-first' ? first + index : first + countDays(range) - 1 - index
  return clampRange({ from: number * DAY_MS, to: (number + 1) * DAY_MS }, range)
}

/** The index of the day that an instant of the range lies in: `dayAt` the other way round. */
export function dayIndex(range: Range, order: Order, instant: number): number {
  const days = Math.floor(instant / DAY_MS) - Math.floor(range.from / DAY_MS)
  return order === 'oldest-first' ? days : countDays(range) - 1 - days
}

/** The part of `inner` that lies inside `outer`. */
export function clampRange(inner: Range, outer: Range): Range {
  return { from: Math.max(inner.from, outer.from), to: Math.min(inner.to, outer.to) }
}
