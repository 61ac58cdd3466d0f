import type { FailureInput, FailureResult } from '@backtide/core/backfill'
import type { Dataset } from '@backtide/datasets/dataset'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import type { Store } from '@backtide/store/store'
import { failedRow } from '../load/ledger-row.ts'
import { planLoad } from '../load/plan-load.ts'

/** Writes what a load would still have had to do to the ledger as `failed`. */
export async function recordFailure(
  { store, dataset, now, signal }: FailureContext,
  input: FailureInput,
): Promise<FailureResult> {
  const load = { ...input, forbiddenMeans: 'denied' } as const
  const { partitions } = await planLoad(store.db, dataset, load)
  const context = {
    dataset,
    backfillId: input.backfillId,
    now: now(),
    isFinal: () => false,
  }
  const rows = partitions.flatMap(({ tasks }) =>
    tasks.map((task) => failedRow(context, task, input.reason)),
  )
  await writeLedger(store.db, rows, signal)
  return { counts: { failed: rows.length } }
}

export interface FailureContext {
  readonly store: Store
  readonly dataset: Dataset
  /** UTC milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
}
