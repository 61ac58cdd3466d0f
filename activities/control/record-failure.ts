import type { FailureInput, FailureResult } from '@backtide/core/backfill'
import { isOpen, type ObjectState } from '@backtide/core/state'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Fence } from '@backtide/store/fence'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import type { Store } from '@backtide/store/store'
import { failedRow } from '../load/ledger-row.ts'
import { byObject, wantedObjects } from '../load/plan.ts'

/**
 * Records the objects of some partitions as `failed` that nothing better is known of. Called only
 * by who holds the day, so that no other writer is overruled.
 */
export async function recordFailure(
  { store, dataset, now, signal, fence }: FailureContext,
  { backfillId, symbols, hours, partitions: range, reason }: FailureInput,
): Promise<FailureResult> {
  const rows = await listLedger(store.db, { dataset: dataset.id, symbols, range }, signal)
  const known = byObject(rows)
  const failed = wantedObjects(dataset, symbols, range, hours).flatMap((wanted) => {
    const before = known(wanted)
    if (before && !mayFail(before.state)) return []
    return [failedRow({ dataset, backfillId, now }, wanted, before, reason)]
  })
  await writeLedger(store.db, failed, { signal, fence })
  return { counts: failed.length > 0 ? { failed: failed.length } : {} }
}

/** A failure to look again takes nothing back: neither what is settled, nor that rows may be there. */
function mayFail(before: ObjectState): boolean {
  return isOpen(before) && before !== 'unverified'
}

export interface FailureContext {
  readonly store: Store
  readonly dataset: Dataset
  /** UTC milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
  readonly fence: Fence
}
