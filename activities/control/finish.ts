import type { BackfillResult, FinishInput, Outcome } from '@backtide/core/backfill'
import { countPartitions } from '@backtide/core/partition'
import { gapCount, totalCount, type StateCounts } from '@backtide/core/state'
import type { Store } from '@backtide/store/store'
import { acceptedRecord } from './preflight.ts'

/** Counts the ledger over the range of a backfill and puts its end on record. */
export async function finish(
  { store, now, namespace }: FinishContext,
  { backfill, outcome, reason }: FinishInput,
): Promise<BackfillResult> {
  const { backfillId, dataset, symbols, range, granularity } = backfill
  const { counts, rows } = await store.summariseLedger({ backfillId, dataset, symbols, range })
  const objects = countPartitions(range, granularity) * symbols.length
  const end = {
    outcome: outcome === 'finished' ? measure(counts, objects) : outcome,
    counts,
    rows,
    ...(reason === undefined ? {} : { reason }),
  }
  await store.putBackfill({
    ...acceptedRecord(backfill, namespace),
    ended: { ...end, endedAt: now() },
  })
  return end
}

export interface FinishContext {
  readonly store: Store
  /** UTC milliseconds. */
  readonly now: () => number
  /** Namespace of Temporal that the backfill runs in. */
  readonly namespace: string
}

function measure(counts: StateCounts, objects: number): Outcome {
  return gapCount(counts) === 0 && totalCount(counts) === objects ? 'complete' : 'incomplete'
}
