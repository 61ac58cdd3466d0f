import { partitionLength } from '@backtide/core/partition'
import type { Dataset } from '@backtide/datasets/dataset'
import type { DecoderPool } from '../decode/decoder-pool.ts'
import type { ObjectStore } from '../objects/object-store.ts'
import { createBodySender, type Send } from './body-sender.ts'
import {
  decodeFetched,
  fetchObject,
  resultOf,
  type FetchedObject,
  type FetchOptions,
} from './fetch-object.ts'
import { mergeObjects } from './merge-objects.ts'
import type { ObjectResult } from './object-load.ts'
import type { PlannedPartition } from './plan-load.ts'

/** What moving bytes needs. */
export interface SendContext {
  readonly dataset: Dataset
  readonly objects: ObjectStore
  readonly pool: DecoderPool
  readonly send: Send
  readonly fetch: FetchOptions
  readonly limits: TransferLimits
  /** Told before each partition. */
  readonly onPartition: (start: number) => void
}

/** How much memory one load may use, in bytes. */
export interface TransferLimits {
  /** Size of a body sent to QuestDB. */
  readonly bodyBytes: number
  /** Rows held of all objects of a partition together, to put them in order and to merge them. */
  readonly rowBytes: number
  /** Records of one object further apart than this are sent out of order. */
  readonly reorderBytes: number
}

/**
 * Fetches, decodes, merges and sends the planned objects, partition after partition in ascending
 * order: one writer, one pass over the day. The next partition's objects are opened while this one
 * is sent. Resolves when all rows were taken by QuestDB, which is not yet applied.
 */
export async function sendPartitions(
  context: SendContext,
  partitions: readonly PlannedPartition[],
): Promise<readonly ObjectResult[]> {
  const sender = createBodySender(context.send, context.limits)
  const results: ObjectResult[] = []
  let ahead = openPartition(context, partitions[0])
  try {
    for (const [index, partition] of partitions.entries()) {
      context.onPartition(partition.start)
      const fetched = await ahead
      ahead = openPartition(context, partitions[index + 1])
      results.push(...(await sendPartition(context, partition, fetched, sender)))
    }
    await sender.flush()
    return results
  } finally {
    await closeAll(ahead)
  }
}

async function sendPartition(
  { dataset, pool, limits }: SendContext,
  { start }: PlannedPartition,
  fetched: readonly FetchedObject[],
  sender: ReturnType<typeof createBodySender>,
): Promise<readonly ObjectResult[]> {
  const range = { from: start, to: start + partitionLength(dataset.granularity) }
  const share = decodeLimits(limits, fetched.length)
  const pairs = fetched.map((one) => ({
    one,
    decoding: one.found === 'open' ? decodeFetched(pool, dataset, one, range, share) : undefined,
  }))
  const decodings = pairs.flatMap(({ decoding }) => (decoding ? [decoding] : []))
  try {
    await mergeObjects(decodings, sender)
    return pairs.map(({ one, decoding }) => resultOf(one, decoding))
  } finally {
    decodings.forEach((decoding) => decoding.close())
    await closeAll(Promise.resolve(fetched))
  }
}

/** Every object of a partition holds a reorder window and a few chunks: they share the memory. */
function decodeLimits({ rowBytes, reorderBytes: most }: TransferLimits, objects: number) {
  const share = rowBytes / Math.max(1, objects)
  const chunkBytes = Math.max(32 * 1024, Math.min(1024 * 1024, Math.floor(share / 8)))
  return {
    chunkBytes,
    reorderBytes: Math.max(64 * 1024, Math.min(most, Math.floor(share / 2))),
  }
}

async function openPartition(
  { objects, fetch }: SendContext,
  partition: PlannedPartition | undefined,
): Promise<readonly FetchedObject[]> {
  const opening = (partition?.tasks ?? []).map((task) => fetchObject(objects, task, fetch))
  const all = Promise.all(opening)
  // Waited for later; until then a failure must not count as unhandled. Siblings are closed.
  all.catch(() => Promise.allSettled(opening).then((settled) => settled.forEach(closeSettled)))
  return await all
}

async function closeAll(fetched: Promise<readonly FetchedObject[]>): Promise<void> {
  const settled = await fetched.catch(() => [])
  settled.forEach(closeOne)
}

function closeSettled(settled: PromiseSettledResult<FetchedObject>): void {
  if (settled.status === 'fulfilled') closeOne(settled.value)
}

function closeOne(fetched: FetchedObject): void {
  if (fetched.found === 'open') fetched.object.close()
}
