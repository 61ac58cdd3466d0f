import { createBlockDecoder, type BlockDecoder } from './block-decoder.ts'
import { FRESH, type SpareMemory } from '../../values/spare-memory.ts'
import { createByteIntake } from '../byte-intake.ts'
import type { Container } from '../container.ts'
import {
  frameError,
  HEADER_START,
  headerRest,
  hex,
  readFrameHeader,
  type FrameHeader,
} from './frame-header.ts'
import { createXxh32 } from './xxh32.ts'

/**
 * Streaming reader of the LZ4 frame format 1.6.4: concatenated and skippable frames, linked and
 * independent blocks, every checksum and size verified, end mark required. Legacy frames and
 * dictionaries are refused. It holds one block (at most 4 MiB, encoded and decoded) and 64 KiB,
 * whatever the frame claims.
 */
export function createFrameReader(memory: SpareMemory = FRESH): Container {
  const intake = createByteIntake()
  let offset = 0
  const frames = readFrames(() => offset, memory)
  let step = frames.next().value
  begin()

  function begin(): void {
    if (!(step instanceof Uint8Array)) intake.want(step.length)
  }

  function* push(bytes: Uint8Array): Generator<Uint8Array, void> {
    let rest = bytes
    for (;;) {
      while (step instanceof Uint8Array) {
        yield step
        step = frames.next(NO_BYTES).value
        begin()
      }
      rest = rest.subarray(intake.fill(rest))
      if (!intake.isFull()) return
      offset += step.length
      step = frames.next(intake.take()).value
      begin()
    }
  }

  function end(): void {
    if (step instanceof Uint8Array) throw new Error('end() before push() was run to its end')
    const at = offset + intake.held()
    if (at === 0) throw frameError('an LZ4 frame', 'an empty object: not even a header', 0)
    if (step.what !== MAGIC || intake.held() > 0) {
      throw frameError(step.what, 'the end of the object', at)
    }
  }

  return { push, end }
}

/** A wish for exactly `length` bytes. */
interface Wish {
  readonly length: number
  readonly what: string
}

/**
 * Reading as straight-line code: a wish that is yielded is answered with its bytes, decoded bytes
 * that are yielded go out. It never returns: after a frame it wishes for the next one.
 */
type Reading<T> = Generator<Wish | Uint8Array, T, Buffer>

const MAGIC = 'the magic number of a frame'
const FRAME = 0x184d2204
const LEGACY = 0x184c2102
const SKIPPABLE = 0x184d2a50
const STORED = 0x80000000
const NO_BYTES = Buffer.alloc(0)

function* readFrames(position: () => number, memory: SpareMemory): Reading<never> {
  for (;;) {
    const start = position()
    const magic = yield* readUInt32(MAGIC)
    if (magic === FRAME) yield* readFrame(position, memory)
    else if ((magic & 0xfffffff0) === SKIPPABLE) yield* skipFrame()
    else {
      const found = magic === LEGACY ? 'a frame of the legacy format' : hex(magic)
      throw frameError(MAGIC, found, start)
    }
  }
}

function* skipFrame(): Reading<void> {
  let left = yield* readUInt32('the size of a skippable frame')
  while (left > 0) {
    const length = Math.min(left, 65_536)
    yield { length, what: 'the rest of a skippable frame' }
    left -= length
  }
}

function* readFrame(position: () => number, memory: SpareMemory): Reading<void> {
  const header = yield* readHeader(position)
  const decoder = createBlockDecoder(header, memory)
  const content = yield* readBlocks(header, decoder, position)
  decoder.release()
  const at = position()
  if (header.contentSize !== undefined && header.contentSize !== BigInt(content.size)) {
    throw frameError(`${header.contentSize} bytes of content`, `${content.size}`, at)
  }
  if (header.contentChecksum) {
    const stored = yield* readUInt32('a content checksum')
    const computed = content.hash.digest()
    if (stored !== computed) {
      throw frameError(`content checksum ${hex(computed)}`, hex(stored), at)
    }
  }
}

function* readHeader(position: () => number): Reading<FrameHeader> {
  const at = position()
  const start = Buffer.from(yield { length: HEADER_START, what: 'a frame header' })
  const rest = yield { length: headerRest(start), what: 'the rest of a frame header' }
  return readFrameHeader(Buffer.concat([start, rest]), at)
}

function* readBlocks(header: FrameHeader, decoder: BlockDecoder, position: () => number) {
  const hash = createXxh32()
  let size = 0
  for (;;) {
    const at = position()
    const field = yield* readUInt32('a block size or the end mark')
    if (field === 0) return { hash, size }
    const length = field & ~STORED
    if (length > header.blockMaximum) {
      throw frameError(`a block of at most ${header.blockMaximum} bytes`, `${length}`, at)
    }
    // The checksum is asked for together with its block: the buffer of one wish is gone by the next.
    const sum = header.blockChecksums ? 4 : 0
    const bytes: Buffer = yield { length: length + sum, what: 'the rest of a block' }
    const block = bytes.subarray(0, length)
    if (sum > 0) verifyBlock(block, bytes.readUInt32LE(length), at)
    const decoded = field >= STORED ? decoder.store(block) : decoder.decode(block)
    if (!decoded) throw frameError('a block that can be decoded', 'something else', at)
    size += decoded.length
    if (header.contentChecksum) hash.update(decoded)
    if (decoded.length > 0) yield decoded
  }
}

function verifyBlock(block: Buffer, stored: number, offset: number): void {
  const hash = createXxh32()
  hash.update(block)
  const computed = hash.digest()
  if (stored !== computed) {
    throw frameError(`block checksum ${hex(computed)}`, hex(stored), offset)
  }
}

function* readUInt32(what: string): Reading<number> {
  const bytes: Buffer = yield { length: 4, what }
  return bytes.readUInt32LE()
}
