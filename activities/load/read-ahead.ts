import { partitionLength } from '@backtide/core/partition'
import { createBufferPool, type BufferPool } from '../threads/buffer-pool.ts'
import type { DecodingObject } from '../threads/decoder-pool.ts'
import type { TransferContext } from './context.ts'
import { decodeFetched, fetchObject, type FetchedObject } from './fetch-object.ts'
import type { PlannedPartition } from './object.ts'

/** Partitions that are fetched and decoded before their turn comes. */
export interface ReadAhead {
  /** The next partition, opened; undefined when there is none, or no room for it. Throws what opening it threw. */
  next(): Promise<OpenPartition | undefined>
  /** Gives up what was opened and not asked for. */
  close(): Promise<void>
}

export interface OpenPartition {
  /** UTC milliseconds. */
  readonly start: number
  readonly objects: readonly OpenObject[]
}

/** An object whose decoding has begun, if there is one to decode. */
export interface OpenObject {
  readonly fetched: FetchedObject
  readonly decoding?: DecodingObject
}

/**
 * Opens partitions in their order: always the next one, and more while that has few objects, as long as
 * `hasRoom` says there is room for that many.
 */
export function readAhead(
  context: TransferContext,
  partitions: readonly PlannedPartition[],
  hasRoom: (partitions: number) => boolean,
): ReadAhead {
  const buffers = createBufferPool()
  let taken = 0
  /** Objects of the partition that is being sent. */
  let sending = 0
  const opened: { readonly objects: number; readonly opening: Promise<OpenPartition> }[] = []

  function openMore(): void {
    let objects = opened.reduce((sum, one) => sum + one.objects, 0)
    // The one that is being sent counts too.
    while (objects < OBJECTS_AHEAD && hasRoom(opened.length + 2)) {
      const partition = partitions[taken]
      if (!partition) return
      const open = sending + objects
      if (open > 0 && open + partition.tasks.length > MOST_OPEN) return
      taken += 1
      const opening = openPartition(context, partition, buffers)
      // It is waited for later: until then a failure must not count as unhandled.
      opening.catch(() => {})
      opened.push({ objects: partition.tasks.length, opening })
      objects += partition.tasks.length
    }
  }

  openMore()
  return {
    next: async () => {
      sending = 0
      if (opened.length === 0) openMore()
      const [first] = opened.splice(0, 1)
      sending = first?.objects ?? 0
      openMore()
      return await first?.opening
    },
    close: async () => {
      const all = await Promise.allSettled(opened.map(({ opening }) => opening))
      for (const one of all) if (one.status === 'fulfilled') closeAll(one.value.objects)
    },
  }
}

async function openPartition(
  { objects, fetch, dataset, pool, limits }: TransferContext,
  { start, tasks }: PlannedPartition,
  buffers: BufferPool,
): Promise<OpenPartition> {
  const opening = tasks.map((task) => fetchObject(objects, task, fetch))
  const fetched = await Promise.all(opening).catch(async (error: unknown) => {
    for (const settled of await Promise.allSettled(opening)) closeSettled(settled)
    throw error
  })
  const range = { from: start, to: start + partitionLength(dataset.granularity) }
  const share = { ...decodeLimits(limits, fetched.length), buffers }
  return {
    start,
    objects: fetched.map((one) =>
      one.found === 'open'
        ? { fetched: one, decoding: decodeFetched(pool, dataset, one, range, share) }
        : { fetched: one },
    ),
  }
}

/** Every object of the partitions in memory holds a reorder window and some chunks: they share it. */
function decodeLimits(
  { rowBytes, reorderBytes: most }: TransferContext['limits'],
  objects: number,
) {
  const partitions = 1 + Math.ceil(OBJECTS_AHEAD / Math.max(1, objects))
  const share = rowBytes / partitions / Math.max(1, objects)
  const chunkBytes = Math.max(32 * 1024, Math.min(1024 * 1024, Math.floor(share / 8)))
  return {
    pieceBytes: Math.min(256 * 1024, Math.floor(chunkBytes / 4)),
    chunkBytes,
    chunksAhead: Math.max(2, Math.min(8, Math.floor(share / 2 / chunkBytes))),
    reorderBytes: Math.max(64 * 1024, Math.min(most, Math.floor(share / 2))),
  }
}

/** So many are open while others are sent: one for each of two threads, and their requests are answered. */
const OBJECTS_AHEAD = 2

/** An open object costs a megabyte or two, however small it is: a partition of many is opened alone. */
const MOST_OPEN = 200

/** Gives up what is still open; harmless for what is done. */
export function closeAll(open: readonly OpenObject[]): void {
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
