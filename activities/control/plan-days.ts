import type { PlanInput, PlanResult } from '@backtide/core/backfill'
import { countDays, dayAt } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import { versionAt, type Dataset } from '@backtide/datasets/dataset'
import { ledgerStanding } from '@backtide/store/ledger/ledger-standing'
import type { Store } from '@backtide/store/store'
import { byObject, decide, findListed, wantedObjects } from '../load/plan.ts'

/** Days of a range that have something to load, judged as the loads judge it: one query. */
export async function planDays(
  { store, dataset, signal, now }: PlanContext,
  input: PlanInput,
): Promise<PlanResult> {
  const { symbols, range, hours } = input
  const [rows, listed] = await Promise.all([
    ledgerStanding(store.db, { dataset: dataset.id, symbols, range }, signal),
    findListed(store, dataset, symbols),
  ])
  const known = byObject(rows)
  const claim = { ...input, now: now() }
  const hasWork = (day: Range) =>
    wantedObjects(dataset, symbols, day, hours).some((wanted) => {
      const version = versionAt(dataset, wanted.partition, wanted.part)
      return decide(known(wanted), claim, version, listed(wanted)) !== 'skip'
    })
  const days = Array.from({ length: countDays(range) }, (_, index) =>
    dayAt(range, 'oldest-first', index),
  )
  return { days: days.filter(hasWork) }
}

export interface PlanContext {
  readonly store: Store
  readonly dataset: Dataset
  readonly signal: AbortSignal
  /** UTC milliseconds. */
  readonly now: () => number
}
