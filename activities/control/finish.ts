import type { BackfillInput, BackfillResult, FinishInput, Outcome } from '@backtide/core/backfill'
import { partitionsOf } from '@backtide/core/partition'
import { scopeOf } from '@backtide/core/request'
import { gapCount, totalCount, type StateCounts } from '@backtide/core/state'
import { countObjects } from '@backtide/datasets/count-objects'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Registry } from '@backtide/datasets/registry'
import type { Store } from '@backtide/store/store'
import { acceptedRecord } from './preflight.ts'

/** Counts the ledger over the range of a backfill and puts its end on record. */
export async function finish(
  { store, registry, now, namespace }: FinishContext,
  { backfill, outcome, reason, pausedMs }: FinishInput,
): Promise<BackfillResult> {
  const { backfillId, dataset } = backfill
  const { counts, rows } = await store.summariseLedger({ backfillId, ...scopeOf(backfill) })
  const objects = sizeOf(registry.find(dataset), backfill)
  const end = {
    outcome: outcome === 'finished' ? measure(counts, objects) : outcome,
    counts,
    rows,
    ...(reason === undefined ? {} : { reason }),
  }
  await store.putBackfill({
    ...acceptedRecord(backfill, namespace),
    ended: { ...end, endedAt: now(), ...(pausedMs === undefined ? {} : { pausedMs }) },
  })
  return end
}

export interface FinishContext {
  readonly store: Store
  readonly registry: Registry
  /** UTC milliseconds. */
  readonly now: () => number
  /** Namespace of Temporal that the backfill runs in. */
  readonly namespace: string
}

/** Objects of a backfill; one a partition and series where the dataset is not known any more. */
function sizeOf(
  dataset: Dataset | undefined,
  { range, granularity, symbols, hours }: BackfillInput,
): number {
  if (!dataset) return partitionsOf(range, granularity, hours).length * symbols.length
  return countObjects(dataset, range, symbols, hours)
}

function measure(counts: StateCounts, objects: number): Outcome {
  return gapCount(counts) === 0 && totalCount(counts) === objects ? 'complete' : 'incomplete'
}
