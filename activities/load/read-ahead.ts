import { partitionLength } from '@backtide/core/partition'
import type { DecodingObject } from '../decode/decoder-pool.ts'
import { decodeFetched, fetchObject, type FetchedObject } from './fetch-object.ts'
import type { PlannedPartition } from './plan-load.ts'
import type { SendContext, TransferLimits } from './send-partitions.ts'

/** Partitions that are fetched and decoded before their turn comes. */
export interface ReadAhead {
  /** The next partition, opened. Throws what opening it threw. */
  next(): Promise<readonly OpenObject[]>
  /** Gives up what was opened and not asked for. */
  close(): Promise<void>
}

/** An object whose decoding has begun, if there is one to decode. */
export interface OpenObject {
  readonly fetched: FetchedObject
  readonly decoding?: DecodingObject
}

/** Opens partitions in their order: always the next one, and more while that has few objects. */
export function readAhead(
  context: SendContext,
  partitions: readonly PlannedPartition[],
): ReadAhead {
  const spare: SharedArrayBuffer[] = []
  const left = partitions.values()
  const opened: { readonly objects: number; readonly opening: Promise<readonly OpenObject[]> }[] =
    []

  function openMore(): void {
    let objects = opened.reduce((sum, one) => sum + one.objects, 0)
    while (objects < OBJECTS_AHEAD) {
      const { value: partition } = left.next()
      if (!partition) return
      const opening = openPartition(context, partition, spare)
      // It is waited for later: until then a failure must not count as unhandled.
      opening.catch(() => {})
      opened.push({ objects: partition.tasks.length, opening })
      objects += partition.tasks.length
    }
  }

  openMore()
  return {
    next: async () => {
      const [first] = opened.splice(0, 1)
      openMore()
      return (await first?.opening) ?? []
    },
    close: async () => {
      const all = await Promise.allSettled(opened.map(({ opening }) => opening))
      for (const one of all) if (one.status === 'fulfilled') closeAll(one.value)
    },
  }
}

async function openPartition(
  context: SendContext,
  partition: PlannedPartition,
  spare: SharedArrayBuffer[],
): Promise<readonly OpenObject[]> {
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

/** Every object of the partitions in memory holds a reorder window and some chunks: they share it. */
function decodeLimits({ rowBytes, reorderBytes: most }: TransferLimits, objects: number) {
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
