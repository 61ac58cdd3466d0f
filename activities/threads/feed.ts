import { copyBytes } from '@backtide/datasets/values/copy-bytes'
import type { ToThread } from './protocol.ts'

/** Moves the bytes of an object to its thread, no faster than they are decoded. */
export interface Feed {
  /** Resolves when all of them were told, or at `stop`. Throws what reading them threw. */
  run(body: AsyncIterable<Uint8Array>): Promise<void>
  /** The thread is done with the piece that was told of longest ago. */
  taken(): void
  /** No more are wanted. */
  stop(): void
}

/**
 * Feed that copies into a few pieces of shared memory, in turns, and tells of a piece when it is
 * full: a message costs as much as copying a hundred kilobytes, and sockets give less at a time.
 */
export function createFeed(pieceBytes: number, tell: (message: ToThread) => void): Feed {
  const free: SharedArrayBuffer[] = []
  let made = 0
  const gone: SharedArrayBuffer[] = []
  let stopped = false
  let wake: (() => void) | undefined

  async function freePiece(): Promise<SharedArrayBuffer | undefined> {
    if (free.length === 0 && made < PIECES) {
      made += 1
      free.push(new SharedArrayBuffer(pieceBytes))
    }
    while (free.length === 0 && !stopped) await new Promise<void>((resolve) => (wake = resolve))
    return stopped ? undefined : free.pop()
  }

  function tellOf(memory: SharedArrayBuffer, length: number): void {
    gone.push(memory)
    tell({ type: 'bytes', bytes: new Uint8Array(memory, 0, length) })
  }

  async function run(body: AsyncIterable<Uint8Array>): Promise<void> {
    let piece: SharedArrayBuffer | undefined
    let filled = 0
    for await (const bytes of body) {
      for (let rest = bytes; rest.length > 0;) {
        piece ??= await freePiece()
        if (!piece) return
        const part = rest.subarray(0, pieceBytes - filled)
        copyBytes(part, Buffer.from(piece), filled)
        filled += part.length
        rest = rest.subarray(part.length)
        if (filled < pieceBytes) continue
        tellOf(piece, filled)
        piece = undefined
        filled = 0
      }
    }
    if (piece) tellOf(piece, filled)
    tell({ type: 'end' })
  }

  return {
    run,
    taken: () => {
      free.push(...gone.splice(0, 1))
      wake?.()
    },
    stop: () => {
      stopped = true
      wake?.()
    },
  }
}

/** One is filled while one is decoded and others wait. */
const PIECES = 4
