import { inflateRawSync, type InflateRaw } from 'node:zlib'
import {
  ZStream,
  Z_BUF_ERROR,
  Z_NO_FLUSH,
  Z_OK,
  Z_STREAM_END,
  zlibInflate,
  zlibInflateInit2,
} from 'pako'

/**
 * Inflates streams that arrive in pieces, synchronously: Node's zlib can do that only for data that
 * is whole. Chunks are at most 256 KiB, whatever the stream unfolds to.
 */
export interface Inflater {
  /**
   * Yields what `bytes` unfold to; returns how many of them were taken: fewer than all when the
   * stream ends among them.
   * @throws InflateError
   */
  push(bytes: Uint8Array): Generator<Uint8Array, number>
  /** Whether the stream has come to its end. */
  isAtEnd(): boolean
}

/** The stream cannot be inflated from here on. */
export class InflateError extends Error {
  override readonly name = 'InflateError'
  /** Bytes of the piece that were read. */
  readonly taken: number

  constructor(reason: string, taken: number) {
    super(reason)
    this.taken = taken
  }
}

const CHUNK = 256 * 1024

/** A stream that was whole. */
export interface Whole {
  readonly content: Buffer
  /** Bytes of it; what follows them is something else. */
  readonly taken: number
}

/**
 * Inflates raw deflate that is all there, at a fifth of what an `Inflater` takes: most files of a day
 * are smaller than what is read at once. Undefined when it is not whole, is broken, or unfolds to
 * more than 1 MiB: what there is of it, and what is wrong with it, an `Inflater` tells.
 */
export function inflateWhole(bytes: Uint8Array): Whole | undefined {
  if (bytes.length > CHUNK) return undefined
  try {
    const inflated: unknown = inflateRawSync(bytes, WHOLE)
    const { buffer, engine } = inflated as { readonly buffer: Buffer; readonly engine: InflateRaw }
    return { content: buffer, taken: engine.bytesWritten }
  } catch {
    return undefined
  }
}

const WHOLE = { info: true, chunkSize: CHUNK, maxOutputLength: 1024 * 1024 }

/** What zlib calls window bits: deflate without a wrapper, or gzip with its checksum and size. */
const WRAPPERS = { raw: -15, gzip: 31 } as const

/** Inflater of one stream: `raw` deflate, or a `gzip` member, verified to its last byte. */
export function createInflater(wrapper: keyof typeof WRAPPERS): Inflater {
  const stream = new ZStream()
  zlibInflateInit2(stream, WRAPPERS[wrapper])
  stream.output = new Uint8Array(0)
  let atEnd = false

  /** Inflates what fits in the rest of the output: what was yielded of it is not written again. */
  function step(): number {
    if (stream.next_out === stream.output.length) {
      stream.output = new Uint8Array(CHUNK)
      stream.next_out = 0
    }
    stream.avail_out = stream.output.length - stream.next_out
    return zlibInflate(stream, Z_NO_FLUSH)
  }

  return {
    *push(bytes) {
      stream.input = bytes
      stream.next_in = 0
      stream.avail_in = bytes.length
      do {
        const written = stream.next_out % CHUNK
        const status = step()
        if (stream.next_out > written) yield stream.output.subarray(written, stream.next_out)
        atEnd = status === Z_STREAM_END
        if (!atEnd && status !== Z_OK && status !== Z_BUF_ERROR) {
          throw new InflateError(stream.msg || `zlib status ${status}`, stream.next_in)
        }
      } while (!atEnd && (stream.avail_in > 0 || stream.avail_out === 0))
      return stream.next_in
    },
    isAtEnd: () => atEnd,
  }
}
