import { partitionLength } from '@backtide/core/partition'
import type { Dataset } from '@backtide/datasets/dataset'
import type { DecoderPool, DecodingObject } from '../decode/decoder-pool.ts'
import type { ObjectStore } from '../objects/object-store.ts'
import { createBodySender, type BodySender, type Send } from './body-sender.ts'
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
 * order: one writer, one pass over the day. The next partition is fetched and decoded while this one
 * is sent. Resolves when all rows were taken by QuestDB, which is not yet applied.
 */
export async function sendPartitions(
  context: SendContext,
  partitions: readonly PlannedPartition[],
): Promise<readonly ObjectResult[]> {
  const sender = createBodySender(context.send, context.limits)
  const results: ObjectResult[] = []
  const spare: SharedArrayBuffer[] = []
  let ahead = openAhead(context, partitions[0], spare)
  try {
    for (const [index, partition] of partitions.entries()) {
      context.onPartition(partition.start)
      const open = await ahead
      ahead = openAhead(context, partitions[index + 1], spare)
      results.push(...(await sendPartition(open, sender)))
    }
    await sender.flush()
    return results
  } finally {
    closeAll(await ahead.catch(() => []))
  }
}

/** An object whose decoding has begun, if there is one to decode. */
interface OpenObject {
  readonly fetched: FetchedObject
  readonly decoding?: DecodingObject
}

async function sendPartition(
  open: readonly OpenObject[],
  sender: BodySender,
): Promise<readonly ObjectResult[]> {
  try {
    await mergeObjects(
      open.flatMap(({ decoding }) => decoding ?? []),
      sender,
    )
    return open.map(({ fetched, decoding }) => resultOf(fetched, decoding))
  } finally {
    closeAll(open)
  }
}

/** Opens a partition that is waited for later: until then a failure must not count as unhandled. */
function openAhead(
  context: SendContext,
  partition: PlannedPartition | undefined,
  spare: SharedArrayBuffer[],
): Promise<readonly OpenObject[]> {
  const opening = openPartition(context, partition, spare)
  opening.catch(() => {})
  return opening
}

async function openPartition(
  context: SendContext,
  partition: PlannedPartition | undefined,
  spare: SharedArrayBuffer[],
): Promise<readonly OpenObject[]> {
  if (!partition) return []
  const { objects, fetch, dataset, pool, limits } = context
  const opening = partition.tasks.map((task) => fetchObject(objects, task, fetch))
  const fetched = await Promise.all(opening).catch(async (error: unknown) => {
    for (const settled of await Promise.allSettled(opening)) closeSettled(settled)
    throw error
  })
  const range = {
    from: partition.start,
    to: partition.start + partitionLength(dataset.granularity),
  }
  const share = { ...decodeLimits(limits, fetched.length), spare }
  return fetched.map((one) =>
    one.found === 'open'
      ? { fetched: one, decoding: decodeFetched(pool, dataset, one, range, share) }
      : { fetched: one },
  )
}

/**
 * Two partitions are in memory, and every object of them holds a reorder window and some chunks:
 * they share the memory.
 */
function decodeLimits({ rowBytes, reorderBytes: most }: TransferLimits, objects: number) {
  const share = rowBytes / 2 / Math.max(1, objects)
  const chunkBytes = Math.max(32 * 1024, Math.min(1024 * 1024, Math.floor(share / 8)))
  return {
    pieceBytes: Math.min(256 * 1024, Math.floor(chunkBytes / 4)),
    chunkBytes,
    chunksAhead: Math.max(2, Math.min(8, Math.floor(share / 2 / chunkBytes))),
    reorderBytes: Math.max(64 * 1024, Math.min(most, Math.floor(share / 2))),
  }
}

function closeAll(open: readonly OpenObject[]): void {
  for (const { fetched, decoding } of open) {
    decoding?.close()
    closeOne(fetched)
  }
}

function closeSettled(settled: PromiseSettledResult<FetchedObject>): void {
  if (settled.status === 'fulfilled') closeOne(settled.value)
}

function closeOne(fetched: FetchedObject): void {
  if (fetched.found === 'open') fetched.object.close()
}
