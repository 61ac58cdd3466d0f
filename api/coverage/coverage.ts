import {
  countDays,
  countPartitions,
  partitionLength,
  type Granularity,
} from '@backtide/core/partition'
import { DAY_MS, formatInstant, type Range } from '@backtide/core/range'
import type { Scope } from '@backtide/core/request'
import { splitSeries } from '@backtide/core/series'
import { addCounts, isComplete, type ObjectState, type StateCounts } from '@backtide/core/state'
import { MOST_PARTS } from '@backtide/core/table'
import { countObjects } from '@backtide/datasets/count-objects'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Deps } from '../deps.ts'
import { invalidRequest } from '../http/problem.ts'
import { divide, sums, type StatesOfDay } from './divide.ts'
import type { COVER_BY, CoverageView } from './schemas.ts'

/** Partitions whose single states are given, at most: a bit more than a year of hours. */
const MAX_DETAILED = 10_000

/** Parts of one answer, at most: five years by hour, or a year of 170 coins by day. */
const MAX_DIVIDED = 100_000

const MOST_REASONS = 10

/** How coverage is asked for. */
export interface CoverageAsked {
  readonly by: (typeof COVER_BY)[number]
  /** With one series by day: also the state of each of its partitions. */
  readonly detail: boolean
}

/**
 * Coverage of a part of a dataset of any size, from the ledger.
 * @throws ProblemError 422 when it cannot be divided as asked
 */
export async function coverage(
  deps: Deps,
  scope: Scope,
  dataset: Dataset,
  { by, detail }: CoverageAsked,
): Promise<CoverageView> {
  const { symbols, range } = scope
  const { id, granularity } = dataset
  checkParts(scope, dataset, by)
  const [covered, reasons, states] = await Promise.all([
    deps.store.coverLedger(scope, by),
    deps.store.gapReasons(scope, MOST_REASONS),
    detail && by === 'day' ? statesOf(deps, scope, granularity) : undefined,
  ])
  const counts = covered.reduce((sum: StateCounts, part) => addCounts(sum, part.counts), {})
  const rows = covered.reduce((sum, part) => sum + part.rows, 0)
  return {
    dataset: id,
    ...splitSeries(symbols),
    from: formatInstant(range.from),
    to: formatInstant(range.to),
    granularity,
    by,
    ...sums(countObjects(dataset, range, symbols), { counts, rows }),
    reasons: [...reasons],
    ...divide({ scope, dataset, covered, states }, by),
  }
}

function checkParts(
  { symbols, range }: Scope,
  { id, granularity }: Dataset,
  by: CoverageAsked['by'],
): void {
  if (by === 'hour' && granularity === 'day') {
    const detail = `${id} is loaded by the day; use by=day, or leave it out.`
    throw invalidRequest([{ pointer: '/by', detail }])
  }
  const parts = partsOf(by, range, symbols.length)
  if (parts <= MAX_DIVIDED) return
  const detail = `By ${by} that is ${parts} parts; ${MAX_DIVIDED} is the most one answer has. Name a shorter range, fewer coins, or another "by".`
  throw invalidRequest([{ pointer: '/by', detail }])
}

function partsOf(by: CoverageAsked['by'], range: Range, series: number): number {
  if (by === 'coin') return series
  if (by === 'hour') return countPartitions(range, 'hour')
  return countDays(range) * (by === 'coin-day' ? series : 1)
}

/** States by partition of a day; undefined when the request is not for one series, or too long. */
async function statesOf(
  deps: Deps,
  { dataset, symbols, range }: Scope,
  granularity: Granularity,
): Promise<StatesOfDay | undefined> {
  const partitions = countPartitions(range, granularity)
  if (symbols.length !== 1 || partitions > MAX_DETAILED) return undefined
  const limit = partitions * MOST_PARTS
  const rows = await deps.store.listLedger({ dataset, symbols, range, limit })
  const found = new Map<number, ObjectState>()
  // Of several objects of a partition the one that leaves a gap says how it is.
  for (const { partition, state } of rows) {
    if (!found.has(partition) || !isComplete(state)) found.set(partition, state)
  }
  const length = partitionLength(granularity)
  return (day) =>
    Array.from({ length: DAY_MS / length }, (_, index) => found.get(day + index * length) ?? null)
}
