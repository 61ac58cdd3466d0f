import { compressSync } from 'lz4-napi'
import xxhash from 'xxhash-wasm'

/** How a frame is to be made. */
export interface FrameOptions {
  /** Decoded bytes of a block, at most 64 KiB. */
  readonly blockBytes?: number
  /** Blocks refer to the 64 KiB before them. */
  readonly linked?: boolean
  /** Blocks are stored as they are. */
  readonly stored?: boolean
  readonly blockChecksums?: boolean
  readonly contentChecksum?: boolean
  readonly contentSize?: boolean
}

const { h32Raw } = await xxhash()

/** Frame writer for tests: other hashing than the reader's, blocks of any size. */
export function writeFrame(content: Uint8Array, options: FrameOptions = {}): Buffer {
  const { blockBytes = 65_536, contentChecksum = true } = options
  const blocks: Buffer[] = []
  for (let start = 0; start < content.length; start += blockBytes) {
    const window = content.subarray(Math.max(0, start - 65_536), start)
    blocks.push(writeBlock(content.subarray(start, start + blockBytes), window, options))
  }
  const sum = contentChecksum ? [uint32(h32Raw(content))] : []
  return Buffer.concat([writeHeader(content.length, options), ...blocks, uint32(0), ...sum])
}

/** A frame that readers skip. */
export function skippableFrame(content: Uint8Array, number = 0): Buffer {
  return Buffer.concat([uint32(0x184d2a50 + number), uint32(content.length), content])
}

/** A number as 4 bytes, little-endian. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Header with any flags and sizes byte, its checksum right. */
export function frameHeader(
  flags: number,
  sizes: number,
  more: Uint8Array = Buffer.alloc(0),
): Buffer {
  const descriptor = Buffer.concat([Buffer.from([flags, sizes]), more])
  const check = (h32Raw(descriptor) >>> 8) & 0xff
  return Buffer.concat([uint32(0x184d2204), descriptor, Buffer.from([check])])
}

function writeHeader(length: number, options: FrameOptions): Buffer {
  const { linked, blockChecksums, contentChecksum = true, contentSize } = options
  const flags =
    0x40 |
    (linked ? 0 : 0x20) |
    (blockChecksums ? 0x10 : 0) |
    (contentSize ? 0x08 : 0) |
    (contentChecksum ? 0x04 : 0)
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(length))
  return frameHeader(flags, 0x40, contentSize ? size : undefined)
}

function writeBlock(content: Uint8Array, window: Uint8Array, options: FrameOptions): Buffer {
  const packed = packBlock(content, options.linked ? window : new Uint8Array(0))
  const stored = options.stored === true || packed.length >= content.length
  const block = stored ? content : packed
  const size = uint32(stored ? (block.length | 0x80000000) >>> 0 : block.length)
  return Buffer.concat([size, block, ...(options.blockChecksums ? [uint32(h32Raw(block))] : [])])
}

function packBlock(content: Uint8Array, window: Uint8Array): Buffer {
  const bytes = Buffer.from(content)
  const packed = window.length > 0 ? compressSync(bytes, Buffer.from(window)) : compressSync(bytes)
  return packed.subarray(4)
}
