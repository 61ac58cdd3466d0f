import { hourOf } from './place.ts'

/** Lines that go to disk together, as one LZ4 frame. */
export interface Block {
  readonly bytes: Buffer
  /** Receive times of its first and last line. */
  readonly first: bigint
  readonly last: bigint
  readonly lines: number
}

/** Gathers lines until they are taken; those of one block are of one UTC hour. */
export interface BlockBuilder {
  /** Adds a line; false, and nothing is added, if it is of another hour than those before. */
  add(time: bigint, pieces: readonly Buffer[]): boolean
  readonly size: number
  /** The lines so far; undefined if there are none. The builder begins anew. */
  take(): Block | undefined
}

const START_BYTES = 64 * 1024

export function createBlockBuilder(): BlockBuilder {
  let buffer = Buffer.allocUnsafeSlow(START_BYTES)
  let size = 0
  let lines = 0
  let first = 0n
  let last = 0n

  function reserve(bytes: number): void {
    if (size + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, size + bytes))
    buffer.copy(larger, 0, 0, size)
    buffer = larger
  }

  return {
    add(time, pieces) {
      if (lines > 0 && hourOf(time) !== hourOf(first)) return false
      if (lines === 0) first = time
      for (const piece of pieces) {
        reserve(piece.length)
        piece.copy(buffer, size)
        size += piece.length
      }
      last = time
      lines++
      return true
    },
    get size() {
      return size
    },
    take() {
      if (lines === 0) return undefined
      const block = { bytes: buffer.subarray(0, size), first, last, lines }
      // As large as the last one was: neither copied over and over, nor large for ever.
      buffer = Buffer.allocUnsafeSlow(Math.max(START_BYTES, Math.min(size, 2 * 1024 * 1024)))
      size = 0
      lines = 0
      return block
    },
  }
}
