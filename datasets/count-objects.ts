import { partitionsOf } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import type { Dataset } from './dataset.ts'

type Counted = Pick<Dataset, 'granularity' | 'source'>

/** Ranges of a dataset that are remembered, at most. */
const MOST_REMEMBERED = 1_000

/**
 * Counts of one series by range. Years of hours take some 20 ms to ask for, and lists ask for the same
 * ranges again and again.
 */
const remembered = new WeakMap<Counted, Map<string, number>>()

/**
 * How many objects a range of a dataset has of some series, or some hours of its days: a partition may have
 * several of each.
 */
export function countObjects(
  dataset: Counted,
  range: Range,
  series: readonly string[],
  hours?: readonly number[],
): number {
  const [one] = series
  return one === undefined ? 0 : countOf(dataset, range, one, hours) * series.length
}

/** There are as many of every series. */
function countOf(
  dataset: Counted,
  range: Range,
  series: string,
  hours: readonly number[] | undefined,
): number {
  const counts = remembered.get(dataset) ?? new Map<string, number>()
  remembered.set(dataset, counts)
  const key = [range.from, range.to, hours].join(' ')
  const known = counts.get(key)
  if (known !== undefined) return known
  const { granularity, source } = dataset
  const sizes = partitionsOf(range, granularity, hours).map(
    (at) => source.objects(at, series).length,
  )
  const count = sizes.reduce((sum, size) => sum + size, 0)
  if (counts.size >= MOST_REMEMBERED) counts.clear()
  counts.set(key, count)
  return count
}
