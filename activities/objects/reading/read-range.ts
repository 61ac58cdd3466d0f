import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { SourceUnavailableError } from '../errors.ts'
import type { ByteRange } from './ranged-archive.ts'

/** Asks for bytes of the object as it was when it was opened. @throws SourceUnavailableError */
export type AskRange = (range: ByteRange) => Promise<Readable>

export interface RangeReading {
  readonly key: string
  readonly ask: AskRange
  readonly range: ByteRange
  /** The bytes, when they were asked for already. */
  readonly opened?: Readable
  readonly signal: AbortSignal
  /** Milliseconds without a byte after which a connection counts as broken. */
  readonly stallMs: number
}

/**
 * Gives exactly the bytes of a range. When the connection breaks, or nothing arrives for `stallMs`
 * while the reader waits, it goes on behind the last byte: a few times, and only while bytes come. A
 * reader that takes its time is no stall.
 * @throws SourceUnavailableError when bytes are missing in the end
 */
export async function* readRange(reading: RangeReading): AsyncGenerator<Uint8Array> {
  const { key, ask, range, signal, stallMs } = reading
  let at = range.from
  let begun = at
  let fruitless = 0
  let pieces = piecesOf(reading.opened ?? (await ask(range)))
  try {
    for (let resumed = 0; ;) {
      const piece = await nextPiece(pieces.iterator, stallMs)
      if (piece.bytes) {
        at += piece.bytes.byteLength
        if (at > range.to) throw broken(key, range, at)
        yield piece.bytes
        continue
      }
      if (at === range.to) return
      pieces.body.destroy()
      signal.throwIfAborted()
      fruitless = at === begun ? fruitless + 1 : 0
      if (fruitless === MAX_FRUITLESS || resumed === MAX_RESUMED) {
        throw broken(key, range, at, piece.broke)
      }
      resumed += 1
      await pause(backoff(resumed), undefined, { signal })
      begun = at
      pieces = piecesOf(await ask({ from: at, to: range.to }))
    }
  } finally {
    pieces.body.destroy()
  }
}

/** Bytes, or none: the body ended, and `broke` says why when that was not its end. */
interface Piece {
  readonly bytes?: Uint8Array
  readonly broke?: unknown
}

async function nextPiece(
  iterator: AsyncIterator<Uint8Array, unknown>,
  stallMs: number,
): Promise<Piece> {
  let timer: NodeJS.Timeout | undefined
  const stalled = new Promise<Piece>((resolve) => {
    const broke = new Error(`nothing arrived for ${stallMs} ms`)
    timer = setTimeout(() => resolve({ broke }), stallMs)
  })
  try {
    const next = iterator.next().then(({ done, value }): Piece => (done ? {} : { bytes: value }))
    return await Promise.race([next, stalled])
  } catch (broke) {
    return { broke }
  } finally {
    clearTimeout(timer)
  }
}

function piecesOf(body: Readable) {
  return { body, iterator: body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, unknown> }
}

function broken(key: string, { from, to }: ByteRange, at: number, cause?: unknown): Error {
  const message = `${key} broke off: ${at - from} of ${to - from} bytes arrived from ${from} on`
  return new SourceUnavailableError(message, { cause })
}

/** Milliseconds, with jitter, as objects of one partition break off together. */
function backoff(resumed: number): number {
  return Math.min(100 * 2 ** resumed, 2_000) * (0.5 + Math.random() / 2)
}

/** Connections of one range after its first. */
const MAX_RESUMED = 5

/**
 * Connections in a row that bring nothing. Not one: what broke off before it was read at all may
 * have waited for its reader too long.
 */
const MAX_FRUITLESS = 2
