import type { Dataset } from '@backtide/datasets/dataset'
import type { DecoderPool } from '../decode/decoder-pool.ts'
import type { ObjectStore } from '../objects/object-store.ts'
import { createBodySender, type BodySender, type Send } from './body-sender.ts'
import { resultOf, type FetchOptions } from './fetch-object.ts'
import { mergeObjects } from './merge-objects.ts'
import type { ObjectResult } from './object-load.ts'
import type { PlannedPartition } from './plan-load.ts'
import { closeAll, readAhead, type OpenObject } from './read-ahead.ts'

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
 * order: one writer, one pass over the day. What comes next is fetched and decoded while this one is
 * sent. Resolves when all rows were taken by QuestDB, which is not yet applied.
 */
export async function sendPartitions(
  context: SendContext,
  partitions: readonly PlannedPartition[],
): Promise<readonly ObjectResult[]> {
  const sender = createBodySender(context.send, context.limits)
  const ahead = readAhead(context, partitions)
  const results: ObjectResult[] = []
  try {
    for (const partition of partitions) {
      context.onPartition(partition.start)
      results.push(...(await sendPartition(await ahead.next(), sender)))
    }
    await sender.flush()
    return results
  } finally {
    await ahead.close()
  }
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
