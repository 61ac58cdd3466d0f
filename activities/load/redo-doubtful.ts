import { SourceUnavailableError } from '../objects/errors.ts'
import type { LoadContext } from './context.ts'
import { bury, doubt } from './doubt.ts'
import {
  tasksOf,
  type LoadedPartition,
  type ObjectTask,
  type PlannedPartition,
  type VerifiedResult,
} from './object.ts'
import { transfer } from './transfer.ts'
import { verify } from './verify-partition.ts'

/**
 * Sends objects once more before they are given up: those of which the table holds anything else than
 * their rows, and those that were less in order than the window was wide.
 */
export async function redoDoubtful(
  context: LoadContext,
  partitions: readonly LoadedPartition<VerifiedResult>[],
): Promise<readonly LoadedPartition<VerifiedResult>[]> {
  const doubtful = tasksOf(partitions, isDoubtful)
  if (doubtful.length === 0) return partitions
  const again = new Map<number, readonly VerifiedResult[]>()
  for (const { start, results } of await sendAgain(context, doubtful)) again.set(start, results)
  return partitions.map(({ start, results }) => ({
    start,
    results: [...results.filter((result) => !isDoubtful(result)), ...(again.get(start) ?? [])],
  }))
}

function isDoubtful(result: VerifiedResult): boolean {
  if (result.found !== 'decoded') return false
  return result.tally.disordered || result.verdict.mismatch !== undefined
}

/**
 * Sends some objects once more, with all the memory there is, and makes ghosts of the rows in the table
 * that they do not have: of an earlier version of them, of an attempt that was killed. Their rows are
 * doubted first; sending brings back to life what they have.
 */
async function sendAgain(
  context: LoadContext,
  partitions: readonly PlannedPartition[],
): Promise<readonly LoadedPartition<VerifiedResult>[]> {
  await doubt(context, partitions)
  const limits = { ...context.limits, reorderBytes: context.limits.rowBytes }
  const sent: LoadedPartition[] = []
  while (sent.length < partitions.length) {
    // One transaction may not take them all.
    const left = partitions.slice(sent.length)
    sent.push(...(await transfer({ ...context, limits, allowance: undefined }, left, true)))
  }
  assertThere(sent)
  const ghosts = await bury(
    context,
    tasksOf(sent, ({ found }) => found === 'decoded'),
  )
  const verified = await verify(context, sent)
  return verified.map(({ start, results }) => ({
    start,
    results: results.map((result) => withGhosts(result, ghosts)),
  }))
}

/**
 * What was there a moment ago and is not any more is looked at anew: what its rows are now, no version of
 * it says.
 * @throws SourceUnavailableError
 */
function assertThere(partitions: readonly LoadedPartition[]): void {
  const results = partitions.flatMap((partition) => partition.results)
  const gone = results.find(({ found }) => found !== 'decoded' && found !== 'broken')
  if (!gone) return
  const { task, found } = gone
  throw new SourceUnavailableError(`${task.key} became ${found} while it was loaded`)
}

function withGhosts(
  result: VerifiedResult,
  ghosts: ReadonlyMap<ObjectTask, number>,
): VerifiedResult {
  if (result.found !== 'decoded') return result
  return { ...result, verdict: { ...result.verdict, ghosts: ghosts.get(result.task) ?? 0 } }
}
