import type { ObjectTally, RecordChunk } from '@backtide/datasets/decode/decoded-object'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { Piscina } from 'piscina'
import type { BufferPool } from './buffer-pool.ts'
import { createFeed } from './feed.ts'
import { memoryOf, type DecodeTask, type FromThread, type ToThread } from './protocol.ts'

/** One object while it is decoded: its rows in time order, then what it held. */
export interface DecodingObject {
  /**
   * The next rows, valid until the next call, or undefined when all were given. Throws what reading
   * the bytes threw.
   */
  next(): Promise<RecordChunk | undefined>
  /** Known once `next` gave undefined. @throws DecoderError when the decoder itself failed */
  tally(): ObjectTally
  /** Gives up early and frees what it holds. Harmless when it is done. */
  close(): void
}

/** Threads that decode objects, so that the main thread never stalls. */
export interface DecoderPool {
  decode(object: ObjectToDecode): DecodingObject
  close(): Promise<void>
}

export interface ObjectToDecode extends Omit<DecodeTask, 'port'> {
  readonly body: AsyncIterable<Uint8Array>
  /** Size of the pieces that the body is moved in. */
  readonly pieceBytes: number
  /** Chunks decoded before they are asked for; at least one. */
  readonly chunksAhead: number
  /** Memory of chunks: taken from here, and left here for the next object. */
  readonly buffers: BufferPool
}

/** The decoder failed on an object, which is a bug or an object it cannot imagine. */
export class DecoderError extends Error {
  override readonly name = 'DecoderError'
}

/** Starts `threads` threads; objects are spread over them. */
export function createDecoderPool({
  threads,
  file = THREAD,
  onDecoded = () => {},
}: {
  readonly threads: number
  /** The body of a thread, bundled; without it a thread compiles our TypeScript, and is larger. */
  readonly file?: string
  /** Told how long a thread worked at an object of a dataset, in milliseconds. */
  readonly onDecoded?: (dataset: string, workedMs: number) => void
}): DecoderPool {
  const pool = new Piscina<DecodeTask, void>({
    filename: file,
    minThreads: threads,
    maxThreads: threads,
    // A task waits for bytes most of the time; all objects of a partition must advance together.
    concurrentTasksPerWorker: 4096,
    // What lives longer than a chunk is outside of the heap; a large nursery is only memory.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  })
  return {
    decode: ({ body, pieceBytes, chunksAhead, buffers, ...task }) => {
      const { port1, port2 } = new MessageChannel()
      const done = (workedMs: number) => onDecoded(task.dataset, workedMs)
      const object = createDecodingObject(port1, { body, pieceBytes, chunksAhead, buffers }, done)
      pool.run({ ...task, port: port2 }, { transferList: [port2] }).catch(object.fail)
      return object
    },
    close: () => pool.destroy(),
  }
}

function createDecodingObject(
  port: MessagePort,
  { body, pieceBytes, chunksAhead, buffers }: Omit<ObjectToDecode, keyof DecodeTask>,
  onDecoded: (workedMs: number) => void,
): DecodingObject & { fail(error: unknown): void } {
  const chunks: RecordChunk[] = []
  let given: RecordChunk | undefined
  const waiting: (() => void)[] = []
  const tell = (message: ToThread) => port.postMessage(message)
  const feed = createFeed(pieceBytes, tell)
  let result: ObjectTally | DecoderError | undefined
  let failure: unknown
  let ended = false

  const wake = () => waiting.splice(0).forEach((resume) => resume())
  const pull = () => tell({ type: 'pull', memory: buffers.take() })
  const end = () => {
    ended = true
    feed.stop()
    wake()
  }
  const fail = (error: unknown) => {
    if (ended) return
    failure = error
    tell({ type: 'close' })
    end()
  }
  port.on('message', (message: FromThread) => {
    if (message.type === 'taken') return feed.taken()
    if (message.type === 'chunk') chunks.push(message.chunk)
    if (message.type === 'tally') {
      result = message.tally
      buffers.give(...message.spare)
      onDecoded(message.workedMs)
    }
    if (message.type === 'error') result = new DecoderError(message.message)
    return message.type === 'chunk' ? wake() : end()
  })
  for (let ahead = 0; ahead < chunksAhead; ahead++) pull()
  feed.run(body).catch(fail)

  return {
    next: async () => {
      if (given) buffers.give(memoryOf(given))
      if (given && !ended) pull()
      while (chunks.length === 0 && !ended) {
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      given = chunks.shift()
      if (given) return given
      if (failure !== undefined) throw failure
      return undefined
    },
    tally: () => {
      if (result === undefined) throw new Error('The object is not decoded to its end')
      if (result instanceof DecoderError) throw result
      return result
    },
    close: () => fail(new Error('closed')),
    fail,
  }
}

const THREAD = new URL('./thread.mjs', import.meta.url).href
