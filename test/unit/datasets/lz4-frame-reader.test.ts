import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createFrameReader } from '@backtide/datasets/containers/lz4/frame-reader'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIXTURES } from '../../contract/fixture.ts'
import { frameHeader, skippableFrame, uint32, writeFrame } from '../../contract/lz4-writer.ts'
import { unfold } from '../../contract/pack.ts'

const MANIFEST: Record<string, { made: string; bytes: number; sha256: string }> = JSON.parse(
  readFileSync(new URL('lz4/manifest.json', FIXTURES), 'utf8'),
)
const READABLE = Object.entries(MANIFEST).filter(([name]) => name !== 'legacy')

function fixture(name: string): Buffer {
  return readFileSync(new URL(`lz4/${name}.lz4`, FIXTURES))
}

/** What came out before the error, and the error. */
function readUntilError(packed: Uint8Array): { decoded: Buffer; error: unknown } {
  const reader = createFrameReader()
  const chunks: Uint8Array[] = []
  try {
    for (const chunk of reader.push(packed)) chunks.push(Buffer.from(chunk))
    reader.end()
  } catch (error) {
    return { decoded: Buffer.concat(chunks), error }
  }
  return { decoded: Buffer.concat(chunks), error: undefined }
}

describe('frames of the lz4 command line tool', () => {
  it.each(READABLE)('reads %s', (name, { bytes, sha256 }) => {
    const decoded = unfold(createFrameReader(), fixture(name))
    expect(decoded.length).toBe(bytes)
    expect(createHash('sha256').update(decoded).digest('hex')).toBe(sha256)
  })

  it.each(READABLE)('reads %s in pieces of any size', (name, { sha256 }) => {
    const packed = fixture(name)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: packed.length }), (piece) => {
        const decoded = unfold(createFrameReader(), packed, Math.max(piece, packed.length >> 8))
        expect(createHash('sha256').update(decoded).digest('hex')).toBe(sha256)
      }),
      { numRuns: 5 },
    )
  })

  it.each(['small', 'small-checked', 'noise', 'empty'])('reads %s byte by byte', (name) => {
    expect(
      unfold(createFrameReader(), fixture(name), 1).equals(
        unfold(createFrameReader(), fixture(name)),
      ),
    ).toBe(true)
  })

  it('refuses the legacy format by name', () => {
    expect(readUntilError(fixture('legacy')).error).toMatchObject({
      name: 'ContainerError',
      offset: 0,
      message: expect.stringContaining('legacy'),
    })
  })

  const linked = { blockBytes: 100, linked: true, blockChecksums: true, contentSize: true }
  it.each([
    ['a frame', fixture('small')],
    ['a frame with checksums and size', fixture('small-checked')],
    ['a frame of stored blocks', fixture('noise')],
    ['a frame of linked blocks', writeFrame(unfold(createFrameReader(), fixture('small')), linked)],
  ])('refuses %s cut at any byte', (_, packed) => {
    const whole = unfold(createFrameReader(), packed)
    for (let cut = 0; cut < packed.length; cut++) {
      const { decoded, error } = readUntilError(packed.subarray(0, cut))
      expect(error, `cut at ${cut}`).toMatchObject({ name: 'ContainerError', offset: cut })
      expect(decoded.equals(whole.subarray(0, decoded.length))).toBe(true)
    }
  })

  it('notices any changed byte of a frame with all checksums', () => {
    const packed = fixture('small-checked')
    for (let at = 0; at < packed.length; at++) {
      const changed = Buffer.from(packed)
      changed[at] = (changed[at] ?? 0) ^ 0x10
      expect(readUntilError(changed).error, `byte ${at}`).toMatchObject({ name: 'ContainerError' })
    }
  })

  it('gives the blocks before a broken one', () => {
    const packed = fixture('64k-linked-checked')
    const whole = unfold(createFrameReader(), packed)
    packed.writeUInt8(packed.readUInt8(packed.length - 2000) ^ 1, packed.length - 2000)
    const { decoded, error } = readUntilError(packed)
    expect(error).toMatchObject({ expected: expect.stringContaining('block checksum') })
    expect(decoded.length).toBeGreaterThan(0)
    expect(decoded.length % 65_536).toBe(0)
    expect(decoded.equals(whole.subarray(0, decoded.length))).toBe(true)
  })
})

describe('frames of any content and options', () => {
  const contents = fc.oneof(
    fc.uint8Array({ maxLength: 5000 }),
    fc
      .array(fc.constantFrom('abc', 'abcd', '\n', '0.125', 'x'), { maxLength: 3000 })
      .map((words) => {
        return new Uint8Array(Buffer.from(words.join('')))
      }),
  )
  const options = fc.record({
    blockBytes: fc.integer({ min: 1, max: 65_536 }).map((size) => Math.max(size, 16)),
    linked: fc.boolean(),
    stored: fc.boolean(),
    blockChecksums: fc.boolean(),
    contentChecksum: fc.boolean(),
    contentSize: fc.boolean(),
  })

  it('come back as they were, concatenated, between skippable ones, in any pieces', () => {
    const part = fc.oneof(
      { weight: 3, arbitrary: fc.record({ content: contents, options }) },
      { weight: 1, arbitrary: fc.record({ skipped: contents, number: fc.nat(15) }) },
    )
    const piece = fc.integer({ min: 1, max: 3000 })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), piece, (parts, size) => {
        const packed = parts.map((each) => {
          if ('skipped' in each) return skippableFrame(each.skipped, each.number)
          return writeFrame(each.content, each.options)
        })
        const content = parts.flatMap((each) => ('content' in each ? [each.content] : []))
        expect(
          unfold(createFrameReader(), Buffer.concat(packed), size).equals(Buffer.concat(content)),
        ).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('are refused, never misread, with one byte changed and content checked', () => {
    fc.assert(
      fc.property(
        contents,
        options,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (c, o, at, flip) => {
          const packed = writeFrame(c, { ...o, contentChecksum: true, contentSize: true })
          packed[at % packed.length] = (packed[at % packed.length] ?? 0) ^ flip
          const { decoded, error } = readUntilError(packed)
          // A change of the magic number can make the frame a skippable one: then nothing comes out. A
          // size that becomes 0 says nothing, and one header in 256 has the same check all the same.
          if (error === undefined) expect([Buffer.alloc(0), Buffer.from(c)]).toContainEqual(decoded)
          else expect(error).toMatchObject({ name: 'ContainerError' })
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('bytes that are no frame', () => {
  const small = writeFrame(Buffer.from('hello'))
  const header = frameHeader(0x60, 0x40)
  const end = uint32(0)

  it.each([
    ['nothing at all', Buffer.alloc(0), 'empty object'],
    ['text', Buffer.from('<?xml version="1.0"?>'), 'magic number'],
    ['gzip', Buffer.from('1f8b0800', 'hex'), 'magic number'],
    ['garbage after a frame', Buffer.concat([small, Buffer.from('tail')]), 'magic number'],
    [
      'three bytes after a frame',
      Buffer.concat([small, Buffer.from('abc')]),
      'the end of the object',
    ],
    ['a frame of version 2', frameHeader(0xa0, 0x40), 'version 1'],
    ['a reserved flag', frameHeader(0x62, 0x40), 'reserved'],
    ['a reserved bit of the block size', frameHeader(0x60, 0x41), 'reserved'],
    ['an unknown block size', frameHeader(0x60, 0x30), 'block size code'],
    ['a dictionary', frameHeader(0x61, 0x40, uint32(7)), 'dictionary'],
    [
      'a wrong header checksum',
      Buffer.concat([header.subarray(0, 6), Buffer.from([0])]),
      'header checksum',
    ],
    ['a block larger than its maximum', Buffer.concat([header, uint32(65_537)]), 'at most 65536'],
    [
      'a stored block larger than its maximum',
      Buffer.concat([header, uint32(0x80010001)]),
      'at most 65536',
    ],
    [
      'a block that is no LZ4',
      Buffer.concat([header, uint32(3), Buffer.from('abc'), end]),
      'can be decoded',
    ],
    [
      'a skippable frame that is cut',
      skippableFrame(Buffer.from('abc')).subarray(0, 9),
      'skippable',
    ],
    ['no end mark', small.subarray(0, -8), 'end mark'],
    ['no content checksum', small.subarray(0, -4), 'content checksum'],
  ])('%s', (_, packed, expected) => {
    expect(readUntilError(packed).error).toMatchObject({
      name: 'ContainerError',
      message: expect.stringContaining(expected),
    })
  })

  it('refuses a block that unpacks to more than its maximum', () => {
    // One literal and a match of offset 1 that is 70,000 bytes long.
    const length = 70_000 - 4 - 15
    const more = [...Array<number>(Math.floor(length / 255)).fill(255), length % 255]
    const bomb = Buffer.from([0x1f, 0x41, 1, 0, ...more, 0x50, 1, 2, 3, 4, 5])
    const packed = Buffer.concat([header, uint32(bomb.length), bomb, end])
    expect(readUntilError(packed).error).toMatchObject({ name: 'ContainerError', offset: 7 })
  })

  it('refuses a content size that is not the content, either way', () => {
    for (const claimed of [4n, 6n, 2n ** 63n]) {
      const size = Buffer.alloc(8)
      size.writeBigUInt64LE(claimed)
      const block = Buffer.concat([uint32(0x80000005), Buffer.from('hello'), end])
      const packed = Buffer.concat([frameHeader(0x68, 0x40, size), block])
      expect(readUntilError(packed).error).toMatchObject({
        expected: `${claimed} bytes of content`,
      })
    }
  })

  it('takes a content size of 0 for none, as the lz4 tool does', () => {
    const block = Buffer.concat([uint32(0x80000005), Buffer.from('hello'), end])
    const packed = Buffer.concat([frameHeader(0x68, 0x40, Buffer.alloc(8)), block])
    expect(unfold(createFrameReader(), packed).toString()).toBe('hello')
  })

  it('says at which byte of the object it is', () => {
    const packed = Buffer.concat([small, small, Buffer.from('tail')])
    expect(readUntilError(packed).error).toMatchObject({ offset: 2 * small.length })
  })

  it('reads a stored block of no bytes', () => {
    expect(
      unfold(createFrameReader(), Buffer.concat([header, uint32(0x80000000), end])).length,
    ).toBe(0)
  })
})
