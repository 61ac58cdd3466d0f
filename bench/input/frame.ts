import { createXxh32, xxh32 } from '@backtide/datasets/containers/lz4/xxh32'
import { compressSync } from 'lz4-napi'

/** Largest decoded block of a frame, by the code that its header has for it. */
export const BLOCK_BYTES = {
  4: 64 * 1024,
  5: 256 * 1024,
  6: 1024 * 1024,
  7: 4 * 1024 * 1024,
} as const

export type BlockCode = keyof typeof BLOCK_BYTES

/**
 * One LZ4 frame as the `lz4` command makes it: independent blocks, checksum over the content.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export function* writeFrame(pieces: Iterable<Buffer>, code: BlockCode): Generator<Buffer> {
  const hash = createXxh32()
  let rest: Buffer = Buffer.alloc(0)
  yield header(code)
  for (const piece of pieces) {
    hash.update(piece)
    const bytes = Buffer.concat([rest, piece])
    const full = bytes.length - (bytes.length % BLOCK_BYTES[code])
    for (let start = 0; start < full; start += BLOCK_BYTES[code]) {
      yield block(bytes.subarray(start, start + BLOCK_BYTES[code]))
    }
    rest = bytes.subarray(full)
  }
  if (rest.length > 0) yield block(rest)
  yield Buffer.concat([uint32(0), uint32(hash.digest())])
}

function header(code: BlockCode): Buffer {
  // Version 1, independent blocks, content checksum.
  const descriptor = Buffer.from([0x64, code << 4])
  const check = Buffer.from([(xxh32(descriptor) >>> 8) & 0xff])
  return Buffer.concat([uint32(0x184d2204), descriptor, check])
}

function block(content: Buffer): Buffer {
  // What lz4-napi puts before a block is its decoded size, which a frame does not have.
  const packed = compressSync(content).subarray(4)
  const stored = packed.length >= content.length
  return stored
    ? Buffer.concat([uint32((content.length | 0x80000000) >>> 0), content])
    : Buffer.concat([uint32(packed.length), packed])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
