import { partitionLength } from '@backtide/core/partition'
import { findMisplaced, markRows } from '@backtide/store/shared-records'
import { waitInTurn, type LoadContext } from './load-context.ts'
import type { PlannedPartition } from './plan-load.ts'
import { rowSource, symbolsOf } from './verify.ts'

/**
 * Settles which object's rows count where neighbours have the same record: two books of one
 * millisecond at the edge of an hour. Looks again after every change, as the neighbour may be loading
 * too: whoever changes last has seen what the other did.
 */
export async function settleShared(
  context: LoadContext,
  partitions: readonly PlannedPartition[],
): Promise<void> {
  const [first] = partitions
  const last = partitions.at(-1)
  if (!first || !last) return
  const { store, dataset, fence, signal } = context
  const source = rowSource(dataset)
  const scope = {
    symbols: symbolsOf(
      dataset,
      partitions.flatMap(({ tasks }) => tasks),
    ),
    range: { from: first.start, to: last.start + partitionLength(dataset.granularity) },
  }
  for (;;) {
    const marks = await findMisplaced(store.db, source, scope, signal)
    if (marks.length === 0) return
    await markRows(store.db, source, marks, fence)
    await waitInTurn(context)
  }
}
