import type { PlanInput, PlanResult } from '@backtide/core/backfill'
import { countDays, dayAt } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import type { Dataset } from '@backtide/datasets/dataset'
import { ledgerStanding } from '@backtide/store/ledger/ledger-standing'
import type { Store } from '@backtide/store/store'
import { byObject, findListed, judgeOf, wantedObjects } from '../load/plan.ts'

/** Days of a range that have something to load, judged as the loads judge it: one query. */
export async function planDays(
  { store, dataset, signal, now }: PlanContext,
  input: PlanInput,
): Promise<PlanResult> {
  const { symbols, range, hours } = input
  const rows = await ledgerStanding(store.db, { dataset: dataset.id, symbols, range }, signal)
  const judge = judgeOf(dataset, {
    known: byObject(rows),
    listed: await findListed(store, dataset, symbols),
    claim: { ...input, now: now() },
  })
  const hasWork = (day: Range) =>
    wantedObjects(dataset, symbols, day, hours).some((wanted) => judge(wanted).decision !== 'skip')
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
