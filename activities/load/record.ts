import { partitionLength } from '@backtide/core/partition'
import { DAY_MS } from '@backtide/core/range'
import type { Dataset } from '@backtide/datasets/dataset'
import type { RowContext } from './ledger-row.ts'

/** What the ledger's rows of one load have in common. */
export function rowContext(
  { dataset, now }: { readonly dataset: Dataset; readonly now: () => number },
  backfillId: string,
  epoch: number,
): RowContext {
  const at = now()
  const length = partitionLength(dataset.granularity)
  const isFinal = (start: number) => at - (start + length) > dataset.finalAfterDays * DAY_MS
  return { dataset, backfillId, now: at, epoch, isFinal }
}
