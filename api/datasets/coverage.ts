import {
  countDays,
  countPartitions,
  dayAt,
  dayKey,
  partitionLength,
  type Granularity,
} from '@backtide/core/partition'
import { DAY_MS, formatInstant } from '@backtide/core/range'
import type { Scope } from '@backtide/core/request'
import { splitSeries } from '@backtide/core/series'
import {
  addCounts,
  isComplete,
  totalCount,
  type ObjectState,
  type StateCounts,
} from '@backtide/core/state'
import { MOST_PARTS } from '@backtide/core/table'
import { countObjects } from '@backtide/datasets/count-objects'
import type { DayCoverage } from '@backtide/store/ledger/ledger-row'
import type { Deps } from '../deps.ts'
import type { CoverageView } from './schemas.ts'

/** Partitions whose single states are given, at most: a bit more than a year of hours. */
const MAX_DETAILED = 10_000

/**
 * Coverage of a part of a dataset by day, from the ledger. With `detail`, and one series, each day
 * also has the state of each of its partitions.
 */
export async function coverage(deps: Deps, scope: Scope, detail: boolean): Promise<CoverageView> {
  const { dataset, symbols, range } = scope
  const known = deps.registry.find(dataset)
  if (!known) throw new Error(`${dataset} was found a moment ago`)
  const { granularity } = known
  const [covered, states] = await Promise.all([
    deps.store.coverDays({ dataset, symbols, range }),
    detail ? statesOf(deps, scope, granularity) : undefined,
  ])
  const byDay = new Map(covered.map((day) => [day.day, day]))
  const days = Array.from({ length: countDays(range) }, (_, index) => {
    const part = dayAt(range, 'oldest-first', index)
    const day = Math.floor(part.from / DAY_MS) * DAY_MS
    const total = countObjects(known, part, symbols)
    return { ...viewDay(day, total, byDay.get(day)), ...(states && { states: states(day) }) }
  })
  const counts = days.reduce((sum: StateCounts, day) => addCounts(sum, day.counts), {})
  const total = countObjects(known, range, symbols)
  return {
    dataset,
    ...splitSeries(symbols),
    from: formatInstant(range.from),
    to: formatInstant(range.to),
    granularity,
    total,
    counts,
    unknown: Math.max(0, total - totalCount(counts)),
    rows: covered.reduce((sum, day) => sum + day.rows, 0),
    days,
  }
}

function viewDay(
  day: number,
  total: number,
  covered: DayCoverage | undefined,
): CoverageView['days'][number] {
  const counts = covered?.counts ?? {}
  const unknown = Math.max(0, total - totalCount(counts))
  return { day: dayKey(day), total, counts, unknown, rows: covered?.rows ?? 0 }
}

type StatesOfDay = (day: number) => (ObjectState | null)[]

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
