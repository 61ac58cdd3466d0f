import { partitionLength } from '@backtide/core/partition'
import { parseSeries } from '@backtide/core/series'
import type { ObjectState } from '@backtide/core/state'
import type { Dataset } from '@backtide/datasets/dataset'
import type { ObjectTally, SymbolRows } from '@backtide/datasets/decode/decoded-object'
import type { Window } from '@backtide/store/row-source'
import type { Verdict } from './object.ts'

/** State of an object and why, where it is not `complete`. */
export interface Judgement {
  readonly state: ObjectState
  readonly reason: string
}

/** What an object has to be like. */
export interface Expectation {
  readonly dataset: Pick<Dataset, 'granularity' | 'shortAfterMs' | 'source'>
  /** Start of its partition, UTC milliseconds. */
  readonly partition: number
  readonly series: string
}

/** What became of an object that was decoded, sent and read back. */
export function judge(tally: ObjectTally, verdict: Verdict, expectation: Expectation): Judgement {
  if (tally.refused !== undefined) return { state: 'failed', reason: `refused: ${tally.refused}` }
  if (verdict.mismatch !== undefined) {
    return { state: 'failed', reason: `verification: ${verdict.mismatch}` }
  }
  if (tally.corrupt !== undefined) return { state: 'corrupt', reason: tally.corrupt }
  if (tally.disordered) return { state: 'degraded', reason: 'out_of_order' }
  const rejected = totalOf(tally.rejected)
  if (rejected > 0) return { state: 'degraded', reason: `rejected_lines: ${rejected}` }
  const short = shortness(tally, expectation)
  if (short !== undefined) return { state: 'degraded', reason: `short: ${short}` }
  return { state: tally.distinctRows === 0 ? 'complete_empty' : 'complete', reason: '' }
}

/** Sum of counts by name. */
export function totalOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** First and last timestamp of some rows, UTC microseconds; undefined without rows. */
export function windowOf(rows: readonly SymbolRows[]): Window | undefined {
  return rows
    .map(({ ts }) => (ts.length > 0 ? { from: ts[0] ?? 0, to: ts.at(-1) ?? 0 } : undefined))
    .reduce(union, undefined)
}

/** Smallest window around both. */
export function union(a: Window | undefined, b: Window | undefined): Window | undefined {
  if (!a || !b) return a ?? b
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) }
}

/**
 * What is missing at the ends of a partition that a dataset fills from end to end. Where it has several
 * objects, none of them has to.
 */
function shortness(
  tally: ObjectTally,
  { dataset, partition, series }: Expectation,
): string | undefined {
  const { granularity } = dataset
  const shortAfterMs = silenceOf(dataset, series)
  if (shortAfterMs === undefined) return undefined
  if (dataset.source.objects(partition, series).length > 1) return undefined
  const window = windowOf(tally.expected)
  if (!window) return 'there are no rows'
  const end = partition + partitionLength(granularity)
  const [first, last] = [window.from / 1000, window.to / 1000]
  if (first - partition > shortAfterMs)
    return `the first row is of ${new Date(first).toISOString()}`
  if (end - last > shortAfterMs) return `the last row is of ${new Date(last).toISOString()}`
  return undefined
}

/** How much silence at either end says that a partition was cut, in milliseconds. */
function silenceOf({ shortAfterMs }: Expectation['dataset'], series: string): number | undefined {
  if (typeof shortAfterMs !== 'object') return shortAfterMs
  return shortAfterMs[parseSeries(series).interval ?? '']
}
