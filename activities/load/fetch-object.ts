import type { Range } from '@backtide/core/range'
import type { Dataset } from '@backtide/datasets/dataset'
import { DecoderError, type DecoderPool, type DecodingObject } from '../threads/decoder-pool.ts'
import { NOT_THERE, NOT_TOLD } from '@backtide/store/plans/plan-objects'
import type { Account, FoundObject, ObjectStore, OpenedObject } from '../objects/object-store.ts'
import type { BufferPool } from '../threads/buffer-pool.ts'
import type { ObjectResult, ObjectTask } from './object.ts'

/** An object that is being fetched and decoded, or the word that there is nothing to decode. */
export type FetchedObject =
  | { readonly task: ObjectTask; readonly found: 'absent' | 'unchanged' }
  | { readonly task: ObjectTask; readonly found: 'refused' | 'differs'; readonly reason: string }
  | { readonly task: ObjectTask; readonly found: 'open'; readonly object: FoundObject }

/** Opens an object; its bytes flow when it is decoded. @throws what `ObjectStore.open` throws */
export async function fetchObject(
  objects: ObjectStore,
  task: ObjectTask,
  { witnesses, signal, current, account }: FetchOptions,
): Promise<FetchedObject> {
  if (task.planned === 'unplanned') return differs(task, 'is not in the plan')
  const { key, unlessEtag } = task
  const opened = await objects.open(key, {
    signal,
    witnesses,
    current,
    account,
    ...(unlessEtag ? { unlessEtag } : {}),
  })
  const difference = differenceOf(task, opened)
  if (difference !== undefined) {
    if (opened.state === 'found') opened.close()
    return differs(task, difference)
  }
  if (opened.state === 'found') return { task, found: 'open', object: opened }
  if (opened.state === 'refused') return { task, found: 'refused', reason: opened.reason }
  return { task, found: opened.state }
}

/** In which way an object is not what its plan saw; undefined when it is, or has none. */
function differenceOf({ planned }: ObjectTask, opened: OpenedObject): string | undefined {
  if (!planned || planned === 'unplanned' || planned.size === NOT_TOLD) return undefined
  const wasThere = planned.size !== NOT_THERE
  if (opened.state === 'found') {
    if (!wasThere) return `is there now, with ETag ${opened.etag}`
    return opened.etag === planned.etag ? undefined : `has ETag ${opened.etag}, not ${planned.etag}`
  }
  return opened.state === 'absent' && wasThere ? 'is not there any more' : undefined
}

function differs(task: ObjectTask, how: string): FetchedObject {
  return { task, found: 'differs', reason: `${task.key} ${how}` }
}

export interface FetchOptions {
  /** Keys of objects that were there, newest first. */
  readonly witnesses: () => Promise<readonly string[]>
  readonly signal: AbortSignal
  /** See `OpenOptions`. */
  readonly current: boolean
  readonly account?: Account | undefined
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
