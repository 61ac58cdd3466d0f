import { partitionLength } from '@backtide/core/partition'
import { findMisplaced, markRows } from '@backtide/store/shared-records'
import { waitInTurn, type LoadContext } from './context.ts'
import { bury, doubt } from './doubt.ts'
import { isKept } from './ledger-row.ts'
import { only, tasksOf, type LoadedPartition } from './object.ts'
import { readRowsOf, rowSource, seriesOf } from './verify-partition.ts'

/** Settles which rows count: none of objects that are gone or refused, one of every record that several have. */
export async function settle(
  context: LoadContext,
  partitions: readonly LoadedPartition[],
): Promise<void> {
  if (partitions.length === 0) return
  await buryUnread(context, partitions)
  await settleShared(context, partitions)
}

/** Rows of objects that were never verified and cannot be read, or not as they should be, are nobody's. */
async function buryUnread(
  context: LoadContext,
  partitions: readonly LoadedPartition[],
): Promise<void> {
  const unread = tasksOf(
    partitions,
    ({ found, task }) =>
      (found === 'absent' || found === 'refused') && !(task.before && isKept(task.before)),
  )
  const rowsOf = await readRowsOf(
    context,
    unread.flatMap(({ tasks }) => tasks),
  )
  const unexplained = only(unread, (task) => rowsOf(task).length > 0)
  if (unexplained.length === 0) return
  await doubt(context, unexplained)
  await bury(context, unexplained)
}

/**
 * Settles which object's rows count where neighbours have the same record: two books of one
 * millisecond at the edge of an hour. Looks again after every change, as the neighbour may be loading
 * too: whoever changes last has seen what the other did.
 */
async function settleShared(
  context: LoadContext,
  partitions: readonly LoadedPartition[],
): Promise<void> {
  const { store, dataset, fence, signal } = context
  const source = rowSource(dataset)
  const starts = partitions.map(({ start }) => start)
  const tasks = partitions.flatMap(({ results }) => results.map(({ task }) => task))
  const scope = {
    series: seriesOf(dataset, tasks),
    range: {
      from: Math.min(...starts),
      to: Math.max(...starts) + partitionLength(dataset.granularity),
    },
  }
  for (;;) {
    const marks = await findMisplaced(store.db, source, scope, signal)
    if (marks.length === 0) return
    await markRows(store.db, source, marks, fence)
    await waitInTurn(context)
  }
}
