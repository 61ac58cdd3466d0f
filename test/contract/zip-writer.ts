import { crc32, deflateRawSync } from 'node:zlib'

/** How an archive is to be made. */
export interface ZipOptions {
  readonly stored?: boolean
  /** Sizes and checksum follow the file: with a signature in front of them, or bare. */
  readonly descriptor?: 'signed' | 'bare'
  /** Sizes have 64 bits, and so has the end of the directory. */
  readonly zip64?: boolean
  readonly comment?: string
  /** What the archive says of the file is wrong by this much. */
  readonly lie?: { readonly crc?: number; readonly size?: number }
  readonly flags?: number
  readonly method?: number
}

/** An archive of some files (APPNOTE 6.3.10), written for tests: the reader is not used here. */
export function writeZip(contents: readonly Uint8Array[], options: ZipOptions = {}): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [at, content] of contents.entries()) {
    const file = packFile(content, `file-${at}.csv`, options)
    parts.push(file.local)
    directory.push(writeEntry(file, offset, options))
    offset += file.local.length
  }
  const entries = Buffer.concat(directory)
  return Buffer.concat([
    ...parts,
    entries,
    writeEnd(contents.length, entries.length, offset, options),
  ])
}

interface PackedFile {
  readonly name: Buffer
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly local: Buffer
}

const TOO_LARGE = 0xffffffff

function packFile(content: Uint8Array, path: string, options: ZipOptions): PackedFile {
  const body = options.stored ? Buffer.from(content) : deflateRawSync(content)
  const name = Buffer.from(path)
  const facts = {
    method: options.method ?? (options.stored ? 0 : 8),
    crc: (crc32(content) + (options.lie?.crc ?? 0)) >>> 0,
    packed: body.length,
    size: content.length + (options.lie?.size ?? 0),
  }
  const { descriptor } = options
  const shown = descriptor ? { ...facts, crc: 0, packed: 0, size: 0 } : facts
  const extra = extraOf(shown, options)
  const head = Buffer.concat([
    u32(0x04034b50),
    u16(20),
    u16((options.flags ?? 0) | (descriptor ? 8 : 0)),
    u16(facts.method),
    u32(0),
    sizesOf(shown, options),
    u16(name.length),
    u16(extra.length),
  ])
  const tail = descriptor ? writeDescriptor(facts, options) : Buffer.alloc(0)
  return { ...facts, name, local: Buffer.concat([head, name, extra, body, tail]) }
}

type Facts = Pick<PackedFile, 'crc' | 'packed' | 'size'>

function sizesOf({ crc, packed, size }: Facts, { zip64 }: ZipOptions): Buffer {
  return Buffer.concat([
    u32(crc),
    ...(zip64 ? [u32(TOO_LARGE), u32(TOO_LARGE)] : [u32(packed), u32(size)]),
  ])
}

/** A field of another kind in front, as real archives have them. */
function extraOf({ packed, size }: Facts, { zip64 }: ZipOptions): Buffer {
  const time = [u16(0x5455), u16(1), Buffer.from([0])]
  const large = zip64 ? [u16(1), u16(16), u64(size), u64(packed)] : []
  return Buffer.concat([...time, ...large])
}

function writeDescriptor({ crc, packed, size }: Facts, options: ZipOptions): Buffer {
  const number = options.zip64 ? u64 : u32
  const signature = options.descriptor === 'signed' ? [u32(0x08074b50)] : []
  return Buffer.concat([...signature, u32(crc), number(packed), number(size)])
}

function writeEntry(file: PackedFile, offset: number, options: ZipOptions): Buffer {
  const extra = extraOf(file, options)
  return Buffer.concat([
    u32(0x02014b50),
    u16(20),
    u16(20),
    u16(options.descriptor ? 8 : 0),
    u16(file.method),
    u32(0),
    sizesOf(file, options),
    u16(file.name.length),
    u16(extra.length),
    u16(3),
    u16(0),
    u16(0),
    u32(0),
    u32(offset),
    file.name,
    extra,
    Buffer.from('why'),
  ])
}

function writeEnd(files: number, length: number, offset: number, options: ZipOptions): Buffer {
  const comment = Buffer.from(options.comment ?? '')
  const end64 = [u32(0x06064b50), u64(44), Buffer.alloc(44), u32(0x07064b50), Buffer.alloc(16)]
  return Buffer.concat([
    ...(options.zip64 ? end64 : []),
    u32(0x06054b50),
    u32(0),
    u16(files),
    u16(files),
    u32(length),
    u32(offset),
    u16(comment.length),
    comment,
  ])
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
