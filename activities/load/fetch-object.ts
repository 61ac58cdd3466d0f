import type { Range } from '@backtide/core/range'
import type { Dataset } from '@backtide/datasets/dataset'
import { DecoderError, type DecoderPool, type DecodingObject } from '../threads/decoder-pool.ts'
import type { FoundObject, ObjectStore } from '../objects/object-store.ts'
import type { BufferPool } from '../threads/buffer-pool.ts'
import type { ObjectResult, ObjectTask } from './object.ts'

/** An object that is being fetched and decoded, or the word that there is nothing to decode. */
export type FetchedObject =
  | { readonly task: ObjectTask; readonly found: 'absent' | 'unchanged' }
  | { readonly task: ObjectTask; readonly found: 'refused'; readonly reason: string }
  | { readonly task: ObjectTask; readonly found: 'open'; readonly object: FoundObject }

/** Opens an object; its bytes flow when it is decoded. @throws what `ObjectStore.open` throws */
export async function fetchObject(
  objects: ObjectStore,
  task: ObjectTask,
  { witnesses, signal, current }: FetchOptions,
): Promise<FetchedObject> {
  const { key, unlessEtag } = task
  const opened = await objects.open(key, {
    signal,
    witnesses,
    current,
    ...(unlessEtag ? { unlessEtag } : {}),
  })
  if (opened.state === 'found') return { task, found: 'open', object: opened }
  if (opened.state === 'refused') return { task, found: 'refused', reason: opened.reason }
  return { task, found: opened.state }
}

export interface FetchOptions {
  /** Keys of objects that were there, newest first. */
  readonly witnesses: () => Promise<readonly string[]>
  readonly signal: AbortSignal
  /** See `OpenOptions`. */
  readonly current: boolean
}

/** Starts decoding an open object. */
export function decodeFetched(
  pool: DecoderPool,
  dataset: Dataset,
  { task, object }: Extract<FetchedObject, { found: 'open' }>,
  partition: Range,
  limits: DecodeLimits,
): DecodingObject {
  return pool.decode({
    dataset: dataset.id,
    symbol: task.series,
    part: task.part,
    ...partition,
    ...limits,
    pieceBytes: object.size <= MOST_WHOLE ? Math.max(1, object.size) : limits.pieceBytes,
    body: object.body,
  })
}

/** Objects up to this size, in bytes, are decoded in one piece: what is whole is unpacked much faster. */
const MOST_WHOLE = 128 * 1024

export interface DecodeLimits {
  /** See `ObjectToDecode`. */
  readonly pieceBytes: number
  readonly chunkBytes: number
  readonly chunksAhead: number
  readonly reorderBytes: number
  /** See `ObjectToDecode`. */
  readonly buffers: BufferPool
}

/** What an object came to, once all of its rows were taken. */
export function resultOf(fetched: FetchedObject, decoding?: DecodingObject): ObjectResult {
  if (fetched.found !== 'open') return fetched
  const { task, object } = fetched
  try {
    if (!decoding) throw new DecoderError('the object was not decoded')
    return {
      task,
      found: 'decoded',
      etag: object.etag,
      size: object.size,
      tally: decoding.tally(),
    }
  } catch (error) {
    if (error instanceof DecoderError) return { task, found: 'broken', reason: error.message }
    throw error
  }
}
