import { createHash } from 'node:crypto'
import type { Dataset, RecordReader } from '@backtide/datasets/dataset'
import { hyperliquidFunding } from '@backtide/datasets/hyperliquid/funding'
import { createObjectDecoder } from '@backtide/datasets/decode/object-decoder'
import { describe, expect, it } from 'vitest'
import { decodeObject, type DecodeOptions } from '../../contract/decode.ts'
import { writeFrame } from '../../contract/lz4-writer.ts'
import { createPlainReader, HOUR, PLAIN } from './plain-dataset.ts'

/** Rejects every line. */
const createStrictReader = (): RecordReader => ({
  parse: () => 'wrong_shape',
  write: () => undefined,
})

function decode(text: string, options?: DecodeOptions) {
  return decodeObject(PLAIN, HOUR, writeFrame(Buffer.from(text)), options)
}

describe('An object of no bytes', () => {
  const day = { symbol: 'BTC', from: 0, to: 86_400_000 }

  it('is a window without records where it is of a history, and corrupt elsewhere', () => {
    expect(decodeObject(hyperliquidFunding, day, Buffer.alloc(0)).tally).toMatchObject({ lines: 0 })
    expect(decodeObject(hyperliquidFunding, day, Buffer.alloc(0)).tally.corrupt).toBeUndefined()
    expect(decodeObject(PLAIN, HOUR, Buffer.alloc(0)).tally.corrupt).toMatch(/an empty object/)
  })
})

describe('the tally of an object', () => {
  it('counts lines, rows, warnings and rejections, and hashes the bytes as they came', () => {
    const text = '1 7\n2 13\n\n3 1\n3 2\n3 2\n'
    const { tally, rows } = decode(text)
    expect(rows.map(({ ts, values }) => [ts, values.value])).toEqual([
      [1, 7],
      [3, 1],
      [3, 2],
    ])
    expect(tally).toMatchObject({
      bytes: text.length,
      lines: 5,
      rows: 4,
      distinctRows: 3,
      supersededRows: 0,
      rejected: { wrong_shape: 1 },
      warnings: { lucky: 1, duplicate: 1 },
      samples: ['2 13'],
      contentHash: createHash('sha256')
        .update(writeFrame(Buffer.from(text)))
        .digest('hex'),
      disordered: false,
      check: 10,
    })
    expect(tally.expected).toEqual([
      {
        symbol: 'A',
        ts: Float64Array.of(1, 3),
        rows: Uint32Array.of(1, 2),
        checks: Float64Array.of(7, 3),
      },
    ])
  })

  it('keeps three samples of 200 printable characters', () => {
    const line = `1 13 ${'\u0007é'.repeat(200)}`
    const { samples } = decode(Array(5).fill(line).join('\n')).tally
    expect(samples.length).toBe(3)
    for (const sample of samples) expect(sample).toMatch(/^1 13 [?]{195}$/)
  })

  it('forgets rows of a line that came to no record', () => {
    const { rows } = decode('half\n1 1\nhalf\n2 13\n')
    expect(rows).toEqual([{ table: 'plain', ts: 1, kinds: { value: 'int' }, values: { value: 1 } }])
  })

  it('forgets only the rejected of several records in a line', () => {
    const { rows, tally } = decode('both\n')
    expect(rows).toEqual([{ table: 'plain', ts: 1, kinds: {}, values: {} }])
    expect(tally).toMatchObject({ rows: 1, rejected: { negative: 1 } })
  })
})

/** Leaves odd values to the full parse, some half read. */
function createScanningReader(): RecordReader {
  const reader = createPlainReader()
  return {
    ...reader,
    scan(line) {
      reader.parse(line)
      return /^\d+ \d*[02468]$/.test(line.toString())
    },
  }
}

describe('a format with a scanner', () => {
  const scanned: Dataset = {
    ...PLAIN,
    formats: PLAIN.formats.map((format) => ({ ...format, createReader: createScanningReader })),
  }
  const input = writeFrame(Buffer.from('1 2\n2 13\nhalf\n3 7\n4 4\n'))

  it('parses in full what the scanner leaves, and counts it', () => {
    const { rows, tally } = decodeObject(scanned, HOUR, input)
    expect(rows.map(({ ts }) => ts)).toEqual([1, 3, 4])
    expect(tally).toMatchObject({ lines: 5, fallbacks: 3, rejected: { wrong_shape: 1 } })
    expect(tally).toMatchObject({ samples: ['2 13'], warnings: { lucky: 1 } })
  })

  it('parses every line in full when told so, and without a scanner', () => {
    expect(decodeObject(scanned, HOUR, input, { scan: false }).tally.fallbacks).toBe(0)
    const { rows, tally } = decodeObject(PLAIN, HOUR, input)
    expect(rows.map(({ ts }) => ts)).toEqual([1, 3, 4])
    expect(tally.fallbacks).toBe(0)
  })

  it('is refused by its scanner as by its decoder', () => {
    const { rows, tally } = decodeObject(scanned, HOUR, writeFrame(Buffer.from('1 2\nheader\n')))
    expect(rows).toEqual([])
    expect(tally.refused).toContain('another one')
  })
})

describe('a last line without its line end', () => {
  const strict: Dataset = {
    ...PLAIN,
    formats: PLAIN.formats.map((format) => ({ ...format, needsLineEnd: true as const })),
  }

  it.each(['1 1\n2 22', '1 1\n2 22\r', '1 1\r\n2'])(
    'is cut off where the format says so: %j',
    (text) => {
      const { rows, tally } = decodeObject(strict, HOUR, writeFrame(Buffer.from(text)))
      expect(rows.map(({ ts }) => ts)).toEqual([1])
      expect(tally).toMatchObject({ lines: 2, rejected: { cut_off: 1 } })
      expect(tally.samples[0]).toMatch(/^2/)
    },
  )

  it.each(['1 1\n2 22\n', '1 1\r\n2 22\r\n', '1 1\n2 22\n\n'])(
    'is not cut off with one: %j',
    (text) => {
      const { tally } = decodeObject(strict, HOUR, writeFrame(Buffer.from(text)))
      expect(tally).toMatchObject({ lines: 2, rows: 2, rejected: {} })
    },
  )

  it('is a line like any other where lines are whole or not by themselves', () => {
    expect(decode('1 1\n2 22').tally).toMatchObject({ lines: 2, rows: 2, rejected: {} })
  })
})

describe('a byte order mark inside', () => {
  it('is left out and warned of, as where files were put together', () => {
    const { rows, tally } = decode('\uFEFF1 1\n\uFEFF2 2\n')
    expect(rows.map(({ ts }) => ts)).toEqual([1, 2])
    expect(tally).toMatchObject({ warnings: { byte_order_mark: 1 }, rejected: {} })
  })

  it('alone in a line is no record', () => {
    const { tally } = decode('1 1\n\uFEFF\n2 2\n')
    expect(tally).toMatchObject({ rows: 2, warnings: { byte_order_mark: 1 }, rejected: {} })
  })
})

describe('an object larger than the window', () => {
  const tiny = { reorderBytes: 100, chunkBytes: 50 }
  const ascending = Array.from({ length: 40 }, (_, at) => `${100 + at} 1`)

  it('is in order and counted whole when its lines are', () => {
    const { tally, rows } = decode(ascending.join('\n'), tiny)
    expect(rows.map(({ ts }) => ts)).toEqual(ascending.map((_, at) => 100 + at))
    expect(tally).toMatchObject({ disordered: false, distinctRows: 40 })
  })

  it('still knows of a record that is late, at a time of its own', () => {
    const { tally } = decode([...ascending, '50 4'].join('\n'), tiny)
    expect(tally).toMatchObject({ disordered: true, rows: 41, distinctRows: 41 })
    expect(tally.expected[0]?.ts[0]).toBe(50)
    expect(tally.expected[0]?.checks[0]).toBe(4)
  })

  it('claims nothing of a time whose rows went out twice', () => {
    const { tally, rows } = decode([...ascending, '100 5'].join('\n'), tiny)
    expect(rows.length).toBe(41)
    expect(tally).toMatchObject({ disordered: true, rows: 41, distinctRows: 39 })
    expect(tally.expected[0]?.ts[0]).toBe(101)
  })
})

describe('a timestamp that does not fit in the window', () => {
  it('is not claimed, and nothing else is lost', () => {
    const lines = Array.from({ length: 15 }, (_, at) => `5 ${at + 100}`)
    const { tally, rows } = decode(['4 1', ...lines, '6 1'].join('\n'), { reorderBytes: 100 })
    expect(rows.length).toBe(17)
    expect(tally).toMatchObject({ disordered: true, rows: 17, distinctRows: 2 })
    expect([...(tally.expected[0]?.ts ?? [])]).toEqual([4, 6])
  })
})

describe('an object that cannot be decoded to its end', () => {
  it('is corrupt, and a last line that is cut is neither a record nor rejected', () => {
    const packed = writeFrame(Buffer.from('1 1\n2 2\n3 13'))
    const { tally, rows } = decodeObject(PLAIN, HOUR, packed.subarray(0, -4))
    expect(rows.map(({ ts }) => ts)).toEqual([1, 2])
    expect(tally).toMatchObject({ lines: 2, rejected: {}, bytes: 12 })
    expect(tally.corrupt).toContain('content checksum')
  })

  it('is corrupt when a line is longer than any record', () => {
    const packed = writeFrame(Buffer.concat([Buffer.from('1 1\n'), Buffer.alloc(17 << 20, 'x')]))
    const { tally, rows } = decodeObject(PLAIN, HOUR, packed)
    expect(rows.map(({ ts }) => ts)).toEqual([1])
    expect(tally.corrupt).toContain('A line is longer')
  })

  it('is refused whole when its header is unknown', () => {
    const { tally, rows } = decode('1 1\nheader\n2 2\n')
    expect(rows).toEqual([])
    expect(tally).toMatchObject({ refused: expect.stringContaining('another one'), expected: [] })
    expect(tally.corrupt).toBeUndefined()
  })

  it('lets a fault of the decoder itself out', () => {
    expect(() => decode('1 1\nbroken\n')).toThrow('a fault of the decoder')
  })
})

describe('formats', () => {
  const until = Date.UTC(2025, 0, 1, 6)
  const dataset: Dataset = {
    ...PLAIN,
    formats: [
      { until, version: 1, container: 'lz4', createReader: createStrictReader },
      ...PLAIN.formats,
    ],
  }

  it.each([
    [until - 3_600_000, 0],
    [until, 1],
  ])('are chosen by the start of the partition (%i)', (from, rows) => {
    const packed = writeFrame(Buffer.from('1 1\n'))
    const object = { symbol: 'A', from, to: from + 3_600_000 }
    expect(decodeObject(dataset, object, packed).rows.length).toBe(rows)
  })

  it('must cover the partition', () => {
    const none: Dataset = { ...PLAIN, formats: [] }
    const limits = { chunkBytes: 1, reorderBytes: 1 }
    const object = { ...HOUR, from: Date.UTC(2025, 0, 1) }
    expect(() => createObjectDecoder(none, object, limits)).toThrow('no format for 2025-01-01')
  })
})
