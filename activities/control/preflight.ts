import type { BackfillInput, PreflightInput, PreflightResult } from '@backtide/core/backfill'
import { partitionsOf } from '@backtide/core/partition'
import { optionalOf } from '@backtide/core/optional-fields'
import type { Dataset } from '@backtide/datasets/dataset'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import { knownObjects } from '@backtide/store/ledger/known-objects'
import type { Store } from '@backtide/store/store'
import type { Account, ObjectStore } from '../objects/object-store.ts'
import { findOddCoins } from './coins.ts'

/** Objects of the range tried where a bucket may not be listed, and then known ones. */
const SAMPLES = 8

/**
 * Before anything is loaded: the tables are there and ours, the backfill is on record, the bucket may be
 * read, and has the coins; what is odd about these is told.
 * @throws ApplicationFailure see `findOddCoins`
 */
export async function preflight(
  { store, dataset, objects, signal, account, namespace }: PreflightContext,
  { backfill }: PreflightInput,
): Promise<PreflightResult> {
  await store.ensureTables([dataset.table])
  await store.putBackfill(acceptedRecord(backfill, namespace))
  const known = await knownObjects(store.db, dataset.id, SAMPLES)
  await objects.checkAccess([...sampleKeys(dataset, backfill), ...known], { signal, account })
  return { warnings: await findOddCoins({ dataset, objects, signal, account }, backfill) }
}

export interface PreflightContext {
  readonly store: Store
  readonly dataset: Dataset
  readonly objects: ObjectStore
  /** Namespace of Temporal that the backfill runs in. */
  readonly namespace: string
  readonly signal: AbortSignal
  readonly account?: Account | undefined
}

/** A backfill as the table keeps it; the API writes the same row. */
export function acceptedRecord(input: BackfillInput, namespace: string): BackfillRecord {
  const { dataset, symbols, range, order, reprocess, onFailure, concurrency, retryOf } = input
  return {
    id: input.backfillId,
    namespace,
    createdAt: input.createdAt,
    requestHash: input.requestHash,
    request: {
      dataset,
      symbols,
      range,
      order,
      reprocess,
      onFailure,
      concurrency,
      ...optionalOf(input),
    },
    ...(retryOf === undefined ? {} : { retryOf }),
  }
}

/** Keys spread over the range and the symbols. */
function sampleKeys(dataset: Dataset, { range, symbols, hours }: BackfillInput): string[] {
  const partitions = partitionsOf(range, dataset.granularity, hours)
  const keys = Array.from({ length: SAMPLES }, (_, index) => {
    const start = partitions[Math.floor((partitions.length * index) / SAMPLES)] ?? range.from
    return dataset.source.objects(start, symbols[index % symbols.length] ?? '*')
  })
  return [...new Set(keys.flat())]
}
