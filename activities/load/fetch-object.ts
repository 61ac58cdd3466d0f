import { DAY_MS, type Range } from '@backtide/core/range'
import type { Dataset } from '@backtide/datasets/dataset'
import { DecoderError, type DecoderPool, type DecodingObject } from '../decode/decoder-pool.ts'
import type { FoundObject, ObjectStore, Witnesses } from '../objects/object-store.ts'
import type { ObjectResult, ObjectTask } from './object-load.ts'

/** An object that is being fetched and decoded, or the word that there is nothing to decode. */
export type FetchedObject =
  | { readonly task: ObjectTask; readonly found: 'absent' | 'unchanged' }
  | { readonly task: ObjectTask; readonly found: 'refused'; readonly reason: string }
  | { readonly task: ObjectTask; readonly found: 'open'; readonly object: FoundObject }

/** Opens an object; its bytes flow when it is decoded. */
export async function fetchObject(
  objects: ObjectStore,
  task: ObjectTask,
  { signal, witnesses }: FetchOptions,
): Promise<FetchedObject> {
  const { key, unlessEtag } = task
  const conditional = unlessEtag ? { unlessEtag } : {}
  const opened = await objects.open(key, { signal, witnesses, ...conditional })
  if (opened.state === 'found') return { task, found: 'open', object: opened }
  if (opened.state === 'refused') return { task, found: 'refused', reason: opened.reason }
  return { task, found: opened.state }
}

export interface FetchOptions {
  readonly signal: AbortSignal
  /** Objects that should be there, see `OpenOptions`. */
  readonly witnesses: Witnesses
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
    symbol: task.symbol,
    ...partition,
    ...limits,
    body: object.body,
  })
}

export interface DecodeLimits {
  /** See `ObjectToDecode`. */
  readonly pieceBytes: number
  readonly chunkBytes: number
  readonly chunksAhead: number
  readonly reorderBytes: number
  /** See `ObjectToDecode`. */
  readonly spare: SharedArrayBuffer[]
}

/** What an object came to, once all of its rows were taken. */
export function resultOf(fetched: FetchedObject, decoding?: DecodingObject): ObjectResult {
  const { task } = fetched
  if (fetched.found !== 'open') return fetched
  if (!decoding) throw new Error(`${task.key} was opened and not decoded`)
  try {
    const { etag, size } = fetched.object
    return { task, found: 'decoded', etag, size, tally: decoding.tally() }
  } catch (error) {
    if (error instanceof DecoderError) return { task, found: 'broken', reason: error.message }
    throw error
  }
}

/** True when an object that is absent now will not come any more. */
export function isFinal(dataset: Dataset, partitionEnd: number, now: number): boolean {
  return now - partitionEnd > dataset.finalAfterDays * DAY_MS
}
