import type { Dataset } from '@backtide/datasets/dataset'
import type { DecoderPool } from '../decode/decoder-pool.ts'
import type { ObjectStore } from '../objects/object-store.ts'
import type { BodySender } from './body-sender.ts'
import { resultOf, type FetchOptions } from './fetch-object.ts'
import { mergeObjects } from './merge-objects.ts'
import type { ObjectResult, ObjectTask } from './object-load.ts'
import type { PlannedPartition } from './plan-load.ts'
import { closeAll, readAhead, type OpenPartition } from './read-ahead.ts'

/** What moving bytes needs. */
export interface TransferContext {
  readonly dataset: Dataset
  readonly objects: ObjectStore
  readonly pool: DecoderPool
  readonly sender: BodySender
  readonly fetch: FetchOptions
  readonly limits: TransferLimits
  /** Bytes of rows after which no further partition is begun. */
  readonly enoughBytes: number
  /** Told of the objects of a partition that were found, before the first row of them is sent. */
  readonly beforeRows: (found: readonly ObjectTask[]) => Promise<void>
}

/** How much memory one load may use, in bytes. */
export interface TransferLimits {
  /** Size of a body sent to QuestDB. */
  readonly bodyBytes: number
  /** Rows held of all objects of a partition together, to put them in order and to merge them. */
  readonly rowBytes: number
  /** Records of one object further apart than this are sent out of order. */
  readonly reorderBytes: number
  /**
   * Most bytes of one transaction into a day that has later rows, and of one load of it: every commit
   * rewrites those rows. QuestDB keeps them in its log, not in memory.
   */
  readonly transactionBytes: number
}

/** What became of the objects of one partition, once all their rows were taken by QuestDB. */
export interface TransferredPartition {
  /** UTC milliseconds. */
  readonly start: number
  readonly results: readonly ObjectResult[]
}

/**
 * Fetches, decodes, merges and sends the planned objects, partition after partition in ascending
 * order: one writer, one pass over the day. What comes next is fetched and decoded while this one is
 * sent. Resolves when all rows were committed, which is not yet applied; partitions beyond
 * `enoughBytes` are not begun.
 */
export async function transfer(
  context: TransferContext,
  partitions: readonly PlannedPartition[],
): Promise<readonly TransferredPartition[]> {
  const { sender, enoughBytes } = context
  const done: TransferredPartition[] = []
  // What is opened is paid for: no more than will be sent, as far as can be told.
  const hasRoom = (ahead: number) =>
    done.length === 0 || (sender.bytes / done.length) * (done.length + ahead) < enoughBytes
  const ahead = readAhead(context, partitions, hasRoom)
  try {
    for (let open = await ahead.next(); open; open = await ahead.next()) {
      const results = await sendPartition(context, open)
      done.push({ start: open.start, results })
    }
    await sender.flush()
    return done
  } finally {
    sender.close()
    await ahead.close()
  }
}

async function sendPartition(
  { sender, beforeRows }: TransferContext,
  { objects }: OpenPartition,
): Promise<readonly ObjectResult[]> {
  try {
    await beforeRows(
      objects.flatMap(({ fetched }) => (fetched.found === 'open' ? fetched.task : [])),
    )
    await mergeObjects(
      objects.flatMap(({ decoding }) => decoding ?? []),
      sender,
    )
    return objects.map(({ fetched, decoding }) => resultOf(fetched, decoding))
  } finally {
    closeAll(objects)
  }
}
