import { buryRows, countDoubted, doubtRows, type DoubtedOwner } from '@backtide/store/dead-rows'
import { waitInTurn, type LoadContext } from './context.ts'
import type { ObjectTask, PlannedPartition } from './object.ts'
import { legacyWindows, rowSource, seriesOf } from './verify-partition.ts'

/** Doubts all rows of some objects: sending them again brings to life what they have. */
export async function doubt(
  context: LoadContext,
  partitions: readonly PlannedPartition[],
): Promise<void> {
  await eachOwner(context, partitions, async (owner) => {
    await doubtRows(context.store.db, rowSource(context.dataset), owner, context.fence)
  })
}

/** Makes ghosts of the rows of some objects that are still doubted; how many they were. */
export async function bury(
  context: LoadContext,
  partitions: readonly PlannedPartition[],
): Promise<ReadonlyMap<ObjectTask, number>> {
  const { db } = context.store
  const source = rowSource(context.dataset)
  const ghosts = new Map<ObjectTask, number>()
  await eachOwner(context, partitions, async (owner, tasks) => {
    const counts = await countDoubted(db, source, owner, context.signal)
    if (counts.size === 0) return
    for (const task of tasks) ghosts.set(task, ghostsOf(task, counts))
    await buryRows(db, source, owner, context.fence)
  })
  return ghosts
}

/** Does something for the rows of each object or all alike of a partition, and waits until it is applied. */
async function eachOwner(
  context: LoadContext,
  partitions: readonly PlannedPartition[],
  act: (owner: DoubtedOwner, tasks: readonly ObjectTask[]) => Promise<void>,
): Promise<void> {
  for (const { start: partition, tasks: all } of partitions) {
    for (const part of new Set(all.map((task) => task.part))) {
      context.signal.throwIfAborted()
      const tasks = all.filter((task) => task.part === part)
      const windows = tasks.map((task) => legacyWindows(context, task))
      const except = (await Promise.all(windows)).flat()
      await act({ partition, part, series: seriesOf(context.dataset, tasks), except }, tasks)
    }
  }
  await waitInTurn(context)
}

function ghostsOf({ series }: ObjectTask, counts: ReadonlyMap<string, number>): number {
  if (series !== '*') return counts.get(series) ?? 0
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
