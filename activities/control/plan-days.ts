import type { PlanInput, PlanResult } from '@backtide/core/backfill'
import { clampRange, countPartitions, partitionsOf } from '@backtide/core/partition'
import { DAY_MS } from '@backtide/core/range'
import { openCount, totalCount } from '@backtide/core/state'
import type { Dataset } from '@backtide/datasets/dataset'
import { daysWithRows } from '@backtide/store/days-with-rows'
import { coverDays } from '@backtide/store/ledger/cover-days'
import type { Store } from '@backtide/store/store'

/** Days of a range that have something to load: two queries, whatever the range. */
export async function planDays(
  { store, dataset, signal }: PlanContext,
  { symbols, range, reprocess }: PlanInput,
): Promise<PlanResult> {
  const covered = await coverDays(store.db, { dataset: dataset.id, symbols, range }, signal)
  const settled = new Map(
    covered.map(({ day, counts }) => [day, totalCount(counts) - openCount(counts)]),
  )
  const withRows = await daysWithRows(store.db, dataset.table.name, range)
  const firstDay = Math.floor(range.from / DAY_MS) * DAY_MS
  const days = partitionsOf({ from: firstDay, to: range.to }, 'day')
    .map((start) => ({ start, day: clampRange({ from: start, to: start + DAY_MS }, range) }))
    .filter(({ start, day }) => {
      const wanted = countPartitions(day, dataset.granularity) * symbols.length
      return reprocess !== 'incomplete' || (settled.get(start) ?? 0) < wanted
    })
    .map(({ start, day }) => ({ day, hasRows: withRows.has(start) }))
  return { days }
}

export interface PlanContext {
  readonly store: Store
  readonly dataset: Dataset
  readonly signal: AbortSignal
}
