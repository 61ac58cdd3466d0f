import { uncompressSync } from 'lz4-napi'
import { HEADROOM } from '../byte-intake.ts'

/** Decodes the blocks of one frame, in order. */
export interface BlockDecoder {
  /**
   * Decodes a compressed block that lies behind `HEADROOM` free bytes of its buffer.
   * @throws Error when it is malformed or larger than the frame allows
   */
  decode(block: Buffer): Buffer
  /** Takes a block that is stored as it is. */
  store(block: Buffer): Buffer
}

const WINDOW = 64 * 1024
const NOTHING = new Uint8Array(0)

/**
 * Decoder over lz4-napi's block call, which wants the output size as a prefix: it gets the largest
 * size the frame allows, so that no size from outside is ever allocated.
 */
export function createBlockDecoder(frame: {
  readonly linked: boolean
  readonly blockMaximum: number
}): BlockDecoder {
  let window: Uint8Array = NOTHING

  function remember(decoded: Buffer): Buffer {
    if (frame.linked) window = slide(window, decoded)
    return decoded
  }

  return {
    decode(block) {
      const prefixed = Buffer.from(
        block.buffer,
        block.byteOffset - HEADROOM,
        block.length + HEADROOM,
      )
      prefixed.writeUInt32LE(frame.blockMaximum)
      return remember(
        window.length > 0 ? uncompressSync(prefixed, window) : uncompressSync(prefixed),
      )
    },
    store: (block) => remember(Buffer.from(block)),
  }
}

function slide(window: Uint8Array, decoded: Buffer): Uint8Array {
  if (decoded.length >= WINDOW) return decoded.subarray(decoded.length - WINDOW)
  return Buffer.concat([window.subarray(-(WINDOW - decoded.length)), decoded])
}
