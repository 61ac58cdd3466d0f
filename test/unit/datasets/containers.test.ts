import { gzipSync } from 'node:zlib'
import type { ContainerKind } from '@backtide/datasets/containers/container'
import { createContainer, type UnfoldLimits } from '@backtide/datasets/containers/create-container'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeFrame } from '../../contract/lz4-writer.ts'
import { writeZip, type ZipOptions } from '../../contract/zip-writer.ts'

interface Unfolded {
  readonly bytes: Buffer
  readonly largest: number
  /** Message of what was thrown. */
  readonly fault: string | undefined
}

function unfold(
  kind: ContainerKind,
  packed: Uint8Array,
  piece = 65_536,
  limits?: UnfoldLimits,
): Unfolded {
  const container = createContainer(kind, { limits })
  const chunks: Buffer[] = []
  const result = (fault?: string): Unfolded => ({
    bytes: Buffer.concat(chunks),
    largest: chunks.reduce((most, { length }) => Math.max(most, length), 0),
    fault,
  })
  try {
    for (let at = 0; at < packed.length; at += piece) {
      for (const chunk of container.push(packed.subarray(at, at + piece))) {
        chunks.push(Buffer.from(chunk))
      }
    }
    container.end()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ContainerError') throw error
    return result(error.message)
  }
  return result()
}

/** Text of trades, a third of which cannot be folded. */
function trades(rows: number): Buffer {
  const lines = Array.from({ length: rows }, (_, at) => {
    const noise = (Math.imul(at + 1, 2_654_435_761) >>> 0) / 2 ** 32
    return `${at},${(90_000 + noise * 1000).toFixed(2)},${noise.toFixed(5)},${1_735_689_600_000 + at}\n`
  })
  return Buffer.from(lines.join(''))
}

const TEXT = trades(40)
const LARGE = trades(10_000)

const ZIPS: readonly [string, ZipOptions][] = [
  ['deflated', {}],
  ['stored', { stored: true }],
  ['followed by its sizes', { descriptor: 'signed' }],
  ['followed by its sizes, unsigned', { descriptor: 'bare' }],
  ['with sizes of 64 bits', { zip64: true }],
  ['with sizes of 64 bits behind it', { zip64: true, descriptor: 'signed' }],
  ['with sizes of 64 bits behind it, unsigned', { zip64: true, descriptor: 'bare' }],
  ['with a comment', { comment: 'all trades of a day' }],
]

const PACKED: readonly [string, ContainerKind, (content: Buffer) => Buffer][] = [
  ['LZ4', 'lz4', (content) => writeFrame(content, { blockBytes: 500 })],
  ['gzip', 'gzip', (content) => gzipSync(content)],
  ...ZIPS.map(([name, options]) => {
    const pack = (content: Buffer) => writeZip([content], options)
    return [`zip, a file ${name}`, 'zip', pack] as [string, ContainerKind, typeof pack]
  }),
]

describe.each(PACKED)('%s', (_, kind, pack) => {
  it.each([0, 1, 4000])('unfolds %i rows as they were, however they arrive', (rows) => {
    const content = trades(rows)
    const packed = pack(content)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: packed.length }), (piece) => {
        const { bytes, fault } = unfold(kind, packed, rows > 40 ? piece + 500 : piece)
        expect(fault).toBeUndefined()
        expect(bytes.equals(content)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('is broken when cut at any byte, and gives what came before', () => {
    const packed = pack(TEXT)
    for (let cut = 0; cut < packed.length; cut++) {
      const { bytes, fault } = unfold(kind, packed.subarray(0, cut))
      expect(fault, `cut at ${cut}`).toContain('expected')
      expect(TEXT.subarray(0, bytes.length).equals(bytes)).toBe(true)
    }
  })

  it('never gives other bytes for whole ones when some are damaged', () => {
    const packed = pack(TEXT)
    const damage = fc.record({ at: fc.nat(packed.length - 1), bit: fc.nat(7) })
    fc.assert(
      fc.property(damage, ({ at, bit }) => {
        const damaged = Buffer.from(packed)
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit)
        const { bytes, fault } = unfold(kind, damaged)
        if (fault === undefined) expect(bytes.equals(TEXT)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('is broken when anything follows', () => {
    const { bytes, fault } = unfold(kind, Buffer.concat([pack(TEXT), Buffer.from('\0')]))
    expect(bytes.equals(TEXT)).toBe(true)
    expect(fault).toBeDefined()
  })

  it('is broken when there is not even a header', () => {
    expect(unfold(kind, Buffer.alloc(0)).fault).toContain('an empty object')
    expect(unfold(kind, Buffer.from('<html><body>404 Not Found</body></html>')).fault).toBeDefined()
  })

  it('comes in chunks of bounded size', () => {
    expect(unfold(kind, pack(LARGE), 1 << 30).largest).toBeLessThan(2 ** 21)
  })
})

describe('gzip', () => {
  it('may have several members, one after the other', () => {
    const packed = Buffer.concat([gzipSync(TEXT), gzipSync(''), gzipSync(LARGE)])
    for (const piece of [1, 17, 65_536]) {
      const { bytes, fault } = unfold('gzip', packed, piece)
      expect(fault).toBeUndefined()
      expect(bytes.equals(Buffer.concat([TEXT, LARGE]))).toBe(true)
    }
  })

  it('gives what comes before the place where it breaks', () => {
    const member = gzipSync(LARGE)
    const packed = Buffer.concat([member.subarray(0, member.length / 2), Buffer.alloc(900, 0xff)])
    const { bytes, fault } = unfold('gzip', packed, 1 << 20)
    expect(fault).toContain('a gzip member')
    expect(bytes.subarray(0, 100_000).equals(LARGE.subarray(0, 100_000))).toBe(true)
  })

  it.each([
    [8, 'data check'],
    [4, 'length check'],
  ])('is broken when its trailer says otherwise (%i bytes before its end)', (from, reason) => {
    const packed = gzipSync(TEXT)
    packed[packed.length - from] = (packed[packed.length - from] ?? 0) ^ 1
    expect(unfold('gzip', packed).fault).toContain(reason)
  })
})

describe('zip', () => {
  it('must hold one file', () => {
    expect(unfold('zip', writeZip([TEXT, TEXT])).fault).toContain('another file')
    expect(unfold('zip', writeZip([])).fault).toContain('expected a file')
  })

  it.each<[string, ZipOptions]>([
    ['checksum', { lie: { crc: 1 } }],
    ['checksum', { lie: { crc: 1 }, descriptor: 'signed' }],
    ['bytes of content', { lie: { size: 1 } }],
    ['bytes of content', { lie: { size: 1 }, descriptor: 'bare', zip64: true }],
    ['an encrypted file', { flags: 1 }],
    ['packed by method 93', { method: 93 }],
    ['unknown size', { stored: true, descriptor: 'signed' }],
  ])('is broken for its %s (%j)', (reason, options) => {
    expect(unfold('zip', writeZip([TEXT], options)).fault).toContain(reason)
  })
})

describe('bytes in no container', () => {
  it('are passed on as they come', () => {
    expect(unfold('none', TEXT, 7)).toMatchObject({ bytes: TEXT, fault: undefined })
    expect(unfold('none', Buffer.alloc(0)).fault).toContain('an empty object')
  })
})

describe('a container that unfolds to more than data would', () => {
  const limits = { freeBytes: 1 << 20, ratio: 200, mostBytes: 1 << 22 }
  const zeros = Buffer.alloc(1 << 24)

  it.each<[string, ContainerKind, Buffer]>([
    ['gzip', 'gzip', gzipSync(zeros)],
    ['zip', 'zip', writeZip([zeros])],
    ['LZ4', 'lz4', writeFrame(zeros)],
  ])('is given up: %s', (_, kind, packed) => {
    const { bytes, fault } = unfold(kind, packed, 512, limits)
    expect(fault).toMatch(/at most \d+ bytes to come out of \d+, found more/)
    expect(bytes.length).toBeLessThanOrEqual(limits.mostBytes)
  })

  it('is given up at the size that no object has, whatever its ratio', () => {
    const { bytes, fault } = unfold('none', zeros, 1 << 16, limits)
    expect(fault).toContain(`at most ${limits.mostBytes} bytes`)
    expect(bytes.length).toBe(limits.mostBytes)
  })

  it('is not given up for a small part that is repetitive', () => {
    expect(unfold('gzip', gzipSync(Buffer.alloc(60 << 20))).fault).toBeUndefined()
    expect(unfold('gzip', gzipSync(Buffer.alloc(80 << 20))).fault).toContain('found more')
  })
})
