import type { SpareMemory } from '../../values/spare-memory.ts'
import { createUnfolder, WINDOW } from './unfold.ts'

/** Decodes the blocks of one frame, in order. What it gives is valid until the next call. */
export interface BlockDecoder {
  /** Decodes a compressed block; undefined when it is malformed or larger than the frame allows. */
  decode(block: Buffer): Buffer | undefined
  /** Takes a block that is stored as it is. */
  store(block: Buffer): Buffer
  /** Gives its memory to others. */
  release(): void
}

/** Decoder that lays the blocks of its frame out in one buffer, behind what they may refer to. */
export function createBlockDecoder(
  frame: { readonly linked: boolean; readonly blockMaximum: number },
  memory: SpareMemory,
): BlockDecoder {
  let bytes: Buffer = NOTHING
  /** Bytes of the window, which end where blocks begin. */
  let held = 0
  let length = 0

  function slide(): void {
    if (!frame.linked || length === 0) return
    const kept = Math.min(WINDOW, held + length)
    const end = WINDOW + length
    bytes.copyWithin(WINDOW - kept, end - kept, end)
    held = kept
  }

  function layOut(block: Uint8Array): Buffer {
    const needed = WINDOW + block.length
    if (bytes.length < needed) {
      const larger = memory.take(needed)
      larger.set(bytes.subarray(WINDOW - held, WINDOW), WINDOW - held)
      memory.give(bytes)
      bytes = larger
    }
    bytes.set(block, WINDOW)
    length = block.length
    return bytes.subarray(WINDOW, needed)
  }

  return {
    decode: (block) => {
      slide()
      const before = bytes.subarray(WINDOW - held, WINDOW)
      const unfolded = unfolder.unfold(block, before, frame.blockMaximum)
      return unfolded && layOut(unfolded)
    },
    store: (block) => {
      slide()
      return layOut(block)
    },
    release: () => {
      memory.give(bytes)
      bytes = NOTHING
    },
  }
}

const NOTHING = Buffer.alloc(0)

/** It remembers nothing from one block to the next. */
const unfolder = createUnfolder()
