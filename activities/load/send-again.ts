import { buryRows, countDoubted, doubtRows, type DoubtedOwner } from '@backtide/store/dead-rows'
import type { LoadInput } from '@backtide/core/backfill'
import { waitInTurn, type LoadContext } from './load-context.ts'
import type { DecodedResult, ObjectResult, ObjectTask } from './object-load.ts'
import { SourceUnavailableError } from '../objects/errors.ts'
import { only, type PlannedPartition } from './plan-load.ts'
import { sendAll } from './send-all.ts'
import type { Settled } from './ledger-row.ts'
import { legacyWindows, rowSource, symbolsOf, verify } from './verify.ts'

/** What became of objects that were sent once more. */
export interface SentAgain {
  readonly results: readonly ObjectResult[]
  readonly settled: ReadonlyMap<ObjectTask, Settled>
}

/**
 * Sends some objects once more, with all the memory there is, and makes ghosts of the rows in the table
 * that they do not have: of an earlier version of them, of an attempt that was killed. Their rows are
 * doubted first; sending brings back to life what they have.
 */
export async function sendAgain(
  context: LoadContext,
  input: LoadInput,
  partitions: readonly PlannedPartition[],
): Promise<SentAgain> {
  await eachOwner(context, partitions, async (owner) => {
    await doubtRows(context.store.db, rowSource(context.dataset), owner, context.fence)
  })
  const limits = { ...context.limits, reorderBytes: context.limits.rowBytes }
  const sent = await sendAll({ ...context, limits }, input, { partitions, asOne: true })
  const results = sent.flatMap((partition) => partition.results)
  assertThere(results)
  const decoded = results.filter((one): one is DecodedResult => one.found === 'decoded')
  const ghosts = await buryAll(context, only(partitions, new Set(decoded.map(({ task }) => task))))
  const verdicts = await verify({ ...context, db: context.store.db }, decoded)
  const settled = [...verdicts].map(([task, verdict]) => {
    return [task, { verdict, ghosts: ghosts.get(task) ?? 0 }] as const
  })
  return { results, settled: new Map(settled) }
}

/**
 * What was there a moment ago and is not any more is looked at anew: what its rows are now, no version of
 * it says.
 * @throws SourceUnavailableError
 */
function assertThere(results: readonly ObjectResult[]): void {
  const gone = results.find(({ found }) => found !== 'decoded' && found !== 'broken')
  if (!gone) return
  const { task, found } = gone
  throw new SourceUnavailableError(`${task.key} became ${found} while it was loaded`)
}

/** Makes ghosts of all rows of objects that are not there: nobody verified them, and nobody can. */
export async function buryUnexplained(
  context: LoadContext,
  partitions: readonly PlannedPartition[],
): Promise<void> {
  await eachOwner(context, partitions, async (owner) => {
    await doubtRows(context.store.db, rowSource(context.dataset), owner, context.fence)
  })
  await buryAll(context, partitions)
}

async function buryAll(
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

/** Does something for the rows of each partition, and waits until it is applied. */
async function eachOwner(
  context: LoadContext,
  partitions: readonly PlannedPartition[],
  act: (owner: DoubtedOwner, tasks: readonly ObjectTask[]) => Promise<void>,
): Promise<void> {
  const { dataset, signal, store } = context
  for (const { start, tasks } of partitions) {
    signal.throwIfAborted()
    const windows = tasks.map((task) => legacyWindows({ db: store.db, dataset, signal }, task))
    const except = (await Promise.all(windows)).flat()
    await act({ partition: start, symbols: symbolsOf(dataset, tasks), except }, tasks)
  }
  await waitInTurn(context)
}

function ghostsOf({ symbol }: ObjectTask, counts: ReadonlyMap<string, number>): number {
  if (symbol !== '*') return counts.get(symbol) ?? 0
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
