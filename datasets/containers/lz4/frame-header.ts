import { ContainerError } from '../container.ts'
import { xxh32 } from './xxh32.ts'

/** What a frame says of itself. */
export interface FrameHeader {
  /** A block may refer to the 64 KiB before it. */
  readonly linked: boolean
  readonly blockChecksums: boolean
  readonly contentChecksum: boolean
  /** Decoded bytes of the frame, where it says so. A size of 0 says nothing, as to the `lz4` tool. */
  readonly contentSize: bigint | undefined
  /** Most bytes a block may have, encoded or decoded. */
  readonly blockMaximum: number
}

/** Bytes of the fixed start of a header, after the magic number: FLG and BD. */
export const HEADER_START = 2

/** Bytes of a header that follow FLG and BD: content size, dictionary id, checksum. */
export function headerRest(start: Uint8Array): number {
  const flags = start[0] ?? 0
  return (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0) + 1
}

/**
 * Reads a frame descriptor: FLG to header checksum, without the magic number (LZ4 frame format
 * 1.6.4, `Frame Descriptor`). `offset` is where it begins, for the message.
 * @throws ContainerError for a version, reserved bit, block size, dictionary or checksum it cannot accept
 */
export function readFrameHeader(bytes: Buffer, offset: number): FrameHeader {
  const flags = bytes.readUInt8(0)
  const sizes = bytes.readUInt8(1)
  const check = (ok: boolean, expected: string, found: string): void => {
    if (!ok) throw frameError(expected, found, offset)
  }
  check(flags >> 6 === 1, 'frame format version 1', `version ${flags >> 6}`)
  check((flags & 0x02) === 0 && (sizes & 0x8f) === 0, 'reserved bits to be 0', 'some set')
  check(sizes >> 4 >= 4, 'a block size code of 4 to 7', `${sizes >> 4}`)
  const stored = bytes.readUInt8(bytes.length - 1)
  const computed = (xxh32(bytes.subarray(0, -1)) >>> 8) & 0xff
  check(stored === computed, `header checksum ${hex(computed, 2)}`, hex(stored, 2))
  check((flags & 0x01) === 0, 'a frame without dictionary', 'a dictionary id')
  return {
    linked: (flags & 0x20) === 0,
    blockChecksums: (flags & 0x10) !== 0,
    contentChecksum: (flags & 0x04) !== 0,
    contentSize: flags & 0x08 ? bytes.readBigUInt64LE(HEADER_START) || undefined : undefined,
    blockMaximum: 1 << (8 + 2 * (sizes >> 4)),
  }
}

/** What is wrong with a frame, and where in the object, in bytes. */
export function frameError(expected: string, found: string, offset: number): ContainerError {
  return new ContainerError({ what: 'LZ4 frame', expected, found, offset })
}

/** `0x` and at least `digits` hexadecimal digits. */
export function hex(value: number, digits = 8): string {
  return `0x${value.toString(16).padStart(digits, '0')}`
}
