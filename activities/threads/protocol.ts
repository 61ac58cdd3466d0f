import type { ObjectContext } from '@backtide/datasets/dataset'
import type { ObjectTally, RecordChunk } from '@backtide/datasets/decode/decoded-object'
import type { MessagePort } from 'node:worker_threads'

/** What a decoding thread is asked to do: one object, over one port. */
export interface DecodeTask extends ObjectContext {
  readonly port: MessagePort
  readonly dataset: string
  readonly chunkBytes: number
  readonly reorderBytes: number
}

/**
 * Messages to the thread. `bytes` are answered by `taken`, so that no more than a few wait; `pull`
 * allows one more chunk, and brings the memory of one that is done with; `close` ends the task early.
 */
export type ToThread =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'end' }
  | { readonly type: 'pull'; readonly memory: SharedArrayBuffer | undefined }
  | { readonly type: 'close' }

/** Messages from the thread; `tally`, with the memory that was not needed, or `error` is the last. */
export type FromThread =
  | { readonly type: 'taken' }
  | { readonly type: 'chunk'; readonly chunk: RecordChunk }
  | {
      readonly type: 'tally'
      readonly tally: ObjectTally
      readonly spare: readonly SharedArrayBuffer[]
      /** How long the thread worked at it, milliseconds. */
      readonly workedMs: number
    }
  | { readonly type: 'error'; readonly message: string }

/** The shared memory that the rows of a chunk lie in, and nothing else does. */
export function memoryOf({ bytes }: RecordChunk): SharedArrayBuffer {
  return bytes.buffer as SharedArrayBuffer
}
