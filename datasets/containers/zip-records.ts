/** Signatures of the records of a zip archive, as little-endian numbers. */
export const SIGNATURES = {
  local: 0x04034b50,
  descriptor: 0x08074b50,
  directory: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
} as const

/** Bytes of the fixed part of each record, behind its signature. */
export const FIXED = { local: 26, directory: 42, end: 18, end64: 8, locator64: 16 } as const

/** What a record says of the content of a file. */
export interface FileFacts {
  readonly crc: number
  readonly packed: number
  readonly size: number
}

/** A file as its local header has it. */
export interface LocalHeader extends FileFacts {
  readonly isDeflated: boolean
  readonly isZip64: boolean
  /** The facts follow the file; those of the header mean nothing. */
  readonly hasDescriptor: boolean
}

/** Why a file cannot be read, or undefined: what its header says of encryption, method and size. */
export function refusalOf(fixed: Buffer): string | undefined {
  const flags = fixed.readUInt16LE(2)
  const method = fixed.readUInt16LE(4)
  if (flags & ENCRYPTED) return 'an encrypted file'
  if (method !== STORED && method !== DEFLATED) return `a file packed by method ${method}`
  if (method === STORED && flags & HAS_DESCRIPTOR) return 'a stored file of unknown size'
  return undefined
}

/** Reads a local header (APPNOTE 4.3.7) from its fixed part and its extra fields. */
export function readLocalHeader(fixed: Buffer, extra: Buffer): LocalHeader {
  const facts = { crc: fixed.readUInt32LE(10), ...readSizes(fixed, 14, extra) }
  return {
    ...facts,
    isDeflated: fixed.readUInt16LE(4) === DEFLATED,
    isZip64: zip64Field(extra) !== undefined,
    hasDescriptor: (fixed.readUInt16LE(2) & HAS_DESCRIPTOR) !== 0,
  }
}

/** Reads what an entry of the directory (APPNOTE 4.3.12) says of its file. */
export function readDirectoryEntry(fixed: Buffer, extra: Buffer): FileFacts {
  return { crc: fixed.readUInt32LE(12), ...readSizes(fixed, 16, extra) }
}

/** Bytes of a data descriptor (APPNOTE 4.3.9) without its signature, which it need not have. */
export function descriptorLength(isZip64: boolean): number {
  return isZip64 ? 20 : 12
}

/** Reads a data descriptor, without its signature. */
export function readDescriptor(bytes: Buffer): FileFacts {
  const crc = bytes.readUInt32LE(0)
  return bytes.length === descriptorLength(true)
    ? { crc, packed: readUInt64(bytes, 4), size: readUInt64(bytes, 12) }
    : { crc, packed: bytes.readUInt32LE(4), size: bytes.readUInt32LE(8) }
}

/** Number of files that the end of the directory (APPNOTE 4.3.16) tells of. */
export function countFiles(fixed: Buffer): number {
  return fixed.readUInt16LE(6)
}

/** A size of 32 bits that says: look into the zip64 field. */
export const ELSEWHERE = 0xffffffff

const ENCRYPTED = 0x0001
const HAS_DESCRIPTOR = 0x0008
const STORED = 0
const DEFLATED = 8
const ZIP64 = 0x0001

/** Packed and unpacked size; the zip64 field has those that do not fit, the unpacked one first. */
function readSizes(fixed: Buffer, at: number, extra: Buffer): Omit<FileFacts, 'crc'> {
  const packed = fixed.readUInt32LE(at)
  const size = fixed.readUInt32LE(at + 4)
  const large = zip64Field(extra) ?? Buffer.alloc(0)
  const behind = size === ELSEWHERE ? 8 : 0
  return {
    size: size === ELSEWHERE && large.length >= 8 ? readUInt64(large, 0) : size,
    packed: packed === ELSEWHERE && large.length >= behind + 8 ? readUInt64(large, behind) : packed,
  }
}

function zip64Field(extra: Buffer): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === ZIP64) return extra.subarray(at + 4, end)
    at = end
  }
  return undefined
}

function readUInt64(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at))
}
