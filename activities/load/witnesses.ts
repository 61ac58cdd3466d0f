import type { Dataset } from '@backtide/datasets/dataset'
import { knownObjects } from '@backtide/store/ledger/known-objects'
import type { Store } from '@backtide/store/store'
import type { Witnesses } from '../objects/object-store.ts'
import type { PlannedPartition } from './plan-load.ts'

const MOST = 8

/**
 * Objects of a dataset that should be there: those that the ledger knows, else, for the first load
 * there ever was, some of its own, spread over its partitions.
 */
export function witnessesOf(
  { store, dataset }: { readonly store: Store; readonly dataset: Dataset },
  partitions: readonly PlannedPartition[],
): Witnesses {
  // Without the load's signal: other loads may wait for what is asked for this one.
  return async () => {
    const known = await knownObjects(store.db, dataset.id, MOST)
    if (known.length > 0) return known
    const keys = partitions.flatMap(({ tasks }) => tasks.map(({ key }) => key))
    const step = Math.max(1, Math.ceil(keys.length / MOST))
    return keys.filter((_, index) => index % step === 0)
  }
}
