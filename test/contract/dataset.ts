import type { ColumnType } from '@backtide/core/table'
import { seriesOf } from '@backtide/core/series'
import type { Dataset } from '@backtide/datasets/dataset'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeObject, plainRows, sortRows, type DecodeOptions, type Decoded } from './decode.ts'
import { expectSameEitherWay } from './either-way.ts'
import type { Fixture } from './fixture.ts'
import type { IlpRow, Kind } from './ilp-reader.ts'
import { FUZZ_RUNS, mutationsOf } from './mutations.ts'
import { damagesOf } from './damages.ts'
import { pack, unpack } from './pack.ts'
import { evaluateCheck } from './sql-check.ts'

/** What every dataset promises, shown on one fixture; registered datasets all run it. */
export function testDataset(dataset: Dataset, fixture: Fixture): void {
  const decode = (input: Uint8Array, options?: DecodeOptions): Decoded => {
    return decodeObject(dataset, fixture.object, input, options)
  }
  describe(`${dataset.id}, ${fixture.name}`, () => {
    testGolden(dataset, fixture, decode)
    testChecks(dataset, fixture, decode)
    testOrder(fixture, decode)
    testScan(dataset, fixture)
    if (isConcatenable(fixture)) testConcatenated(fixture, decode)
    if (fixture.container !== 'none') testEnds(fixture, decode)
  })
}

/** What `Expected` and `ObjectTally` have in common. */
interface Outcome {
  readonly rejected: object
  readonly warnings: object
  readonly supersededRows: number
}

type Decode = (input: Uint8Array, options?: DecodeOptions) => Decoded

function testGolden(dataset: Dataset, fixture: Fixture, decode: Decode): void {
  it('gives the rows, rejections and warnings that were computed apart from it', () => {
    const { rows, tally } = decode(fixture.input)
    expect(plainRows(rows)).toEqual(sortRows(fixture.expected.rows))
    expect(outcome(tally)).toEqual(outcome(fixture.expected))
    expect(tally.corrupt ?? tally.refused).toBeUndefined()
    expect(tally.distinctRows).toBe(fixture.expected.rows.length)
  })

  it('writes every column in the type of its table, and no key as NULL', () => {
    const { columns, keys, name } = dataset.table
    const [timestamp = ''] = Object.keys(columns)
    for (const row of decode(fixture.input).rows) {
      expect(row.table).toBe(name)
      expect(Object.keys(row.kinds).filter((each) => !fits(row, each, columns))).toEqual([])
      expect(
        keys.filter((key) => key !== timestamp && columns[key] !== 'BYTE' && !(key in row.values)),
      ).toEqual([])
    }
  })

  it('tallies by symbol and timestamp what it wrote', () => {
    const { rows, tally } = decode(fixture.input)
    const counted = new Map<string, number>()
    for (const row of rows) {
      const key = `${seriesOfRow(dataset, row)} ${row.ts}`
      counted.set(key, (counted.get(key) ?? 0) + 1)
    }
    const told = tally.expected.flatMap(({ symbol, ts, rows: counts }) => {
      return [...ts].map((each, at): [string, number] => [`${symbol} ${each}`, counts[at] ?? 0])
    })
    expect(new Map(told)).toEqual(counted)
    for (const { ts } of tally.expected) expect([...ts]).toEqual([...ts].toSorted((a, b) => a - b))
  })
}

function testChecks(dataset: Dataset, fixture: Fixture, decode: Decode): void {
  it('tallies the checks that its SQL expression gives', () => {
    const { rows, tally } = decode(fixture.input)
    const sums = new Map<string, number>()
    for (const row of rows) {
      const key = `${seriesOfRow(dataset, row)} ${row.ts}`
      sums.set(key, (sums.get(key) ?? 0) + evaluateCheck(dataset.checksum, row))
    }
    const told = tally.expected.flatMap(({ symbol, ts, checks }) => {
      return [...ts].map((each, at): [string, number] => [`${symbol} ${each}`, checks[at] ?? 0])
    })
    expect(new Map(told)).toEqual(sums)
    expect(tally.check).toBe([...sums.values()].reduce((sum, each) => sum + each, 0))
  })

  it('tallies other checks when two rows swap values, or a value changes', () => {
    const { rows } = decode(fixture.input)
    const check = checkOf(dataset, rows)
    for (const { now, was } of damagesOf(dataset, rows)) {
      expect(checkOf(dataset, now), JSON.stringify(was)).not.toBe(check)
    }
  })

  it('sends in constant columns what it declares, and no such column in its records', () => {
    for (const { values } of decode(fixture.input).rows)
      expect(values).toMatchObject(dataset.constants)
  })

  it('stamps rows no further from their partition than it declares, and says how far', () => {
    const { from, to } = fixture.object
    for (const { ts, values } of decode(fixture.input).rows) {
      const ms = ts / 1000
      expect(ms >= from - dataset.reachMs && ms < to + dataset.reachMs).toBe(true)
      const own = Math.floor(ms / (to - from)) * (to - from)
      expect(own + Number(values.seam ?? 0) * (to - from)).toBe(from)
    }
  })
}

function testOrder(fixture: Fixture, decode: Decode): void {
  it('emits rows in time order and cuts chunks only where the time changes', () => {
    const { chunks } = decode(fixture.input, { chunkBytes: 1 })
    const times = chunks.map(({ ts }) => new Set(ts))
    expect(times.every(({ size }) => size === 1)).toBe(true)
    const inOrder = times.map(([ts = 0]) => ts)
    expect(inOrder).toEqual([...new Set(inOrder)].toSorted((a, b) => a - b))
    for (const { bytes, ends } of chunks) expect(ends.at(-1)).toBe(bytes.length)
  })

  it('gives the same bytes however the object arrives, and every time', () => {
    const whole = decode(fixture.input)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: fixture.input.length }), (piece) => {
        const again = decode(fixture.input, { piece })
        expect(again.bytes.equals(whole.bytes)).toBe(true)
        const { contentHash } = again.tally
        expect(again.tally).toEqual({ ...whole.tally, contentHash })
      }),
      { numRuns: 20 },
    )
  })

  it('gives the same rows whatever the order of its lines', () => {
    const whole = decode(fixture.input)
    const { header, lines } = linesOf(fixture)
    const order = fc.array(fc.nat(), { minLength: lines.length, maxLength: lines.length })
    fc.assert(
      fc.property(order, (keys) => {
        const keyed = lines.map((line, at) => ({ line, key: keys[at] ?? 0 }))
        const shuffled = keyed.toSorted((a, b) => a.key - b.key).map(({ line }) => line)
        const text = [...header, ...shuffled].map((line) => `${line}\n`).join('')
        const again = decode(pack(fixture.container, Buffer.from(text, 'latin1')))
        expect(again.bytes.equals(whole.bytes)).toBe(true)
        expect(outcome(again.tally)).toEqual(outcome(whole.tally))
      }),
      { numRuns: 30 },
    )
  })
}

function testScan(dataset: Dataset, fixture: Fixture): void {
  it('gives the same whether lines are scanned or parsed in full', () => {
    expectSameEitherWay(dataset, fixture.object, fixture.input)
  })

  it('gives the same whatever happened to the bytes of its lines', () => {
    const content = unpack(fixture.container, fixture.input)
    fc.assert(
      fc.property(mutationsOf(content), (mutated) => {
        expectSameEitherWay(dataset, fixture.object, pack(fixture.container, mutated))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
}

/** What can be put together from several of its kind. */
function isConcatenable({ container }: Fixture): boolean {
  return container === 'lz4' || container === 'gzip'
}

function testConcatenated(fixture: Fixture, decode: Decode): void {
  it('gives the same rows from concatenated frames, cut anywhere', () => {
    const content = unpack(fixture.container, fixture.input)
    const whole = decode(fixture.input)
    fc.assert(
      fc.property(fc.nat(content.length), (cut) => {
        const frames = [content.subarray(0, cut), content.subarray(cut)].map((part) => {
          return pack(fixture.container, part, { blockBytes: 777, linked: true })
        })
        const again = decode(Buffer.concat(frames))
        expect(again.bytes.equals(whole.bytes)).toBe(true)
        const { contentHash } = again.tally
        expect(again.tally).toEqual({ ...whole.tally, contentHash })
      }),
      { numRuns: 20 },
    )
  })
}

function testEnds(fixture: Fixture, decode: Decode): void {
  it('finds nothing in an empty frame, and an object of zero bytes corrupt', () => {
    const empty = decode(pack(fixture.container, Buffer.alloc(0)))
    expect(empty.rows).toEqual([])
    expect(empty.tally).toMatchObject({ lines: 0, rows: 0, distinctRows: 0, rejected: {} })
    expect(empty.tally.corrupt).toBeUndefined()
    expect(decode(Buffer.alloc(0)).tally.corrupt).toContain('empty object')
  })

  it('is corrupt wherever it is cut, and keeps the rows of the whole lines before', () => {
    const content = unpack(fixture.container, fixture.input)
    const packed = pack(fixture.container, content, { blockBytes: 500 })
    let known: Known = { bytes: -1, rows: Buffer.alloc(0), lines: -1, rejected: {} }
    const step = Math.ceil(packed.length / MOST_CUTS)
    for (let cut = 0; cut < packed.length; cut += step) {
      const { bytes, tally } = decode(packed.subarray(0, cut))
      expect(tally.corrupt, `cut at ${cut}`).toBeDefined()
      if (tally.bytes !== known.bytes) {
        const lines = content.subarray(0, content.lastIndexOf('\n', tally.bytes - 1) + 1)
        const prefix = decode(pack(fixture.container, tally.bytes > 0 ? lines : Buffer.alloc(0)))
        const { lines: count, rejected } = prefix.tally
        known = { bytes: tally.bytes, rows: prefix.bytes, lines: count, rejected }
      }
      expect(bytes.equals(known.rows), `cut at ${cut}`).toBe(true)
      expect(tally).toMatchObject({ lines: known.lines, rejected: known.rejected })
    }
    expect(known.lines).toBeGreaterThan(1)
  })
}

/** An object of more bytes than this is cut at every second, third, … of them. */
const MOST_CUTS = 3000

/** What a cut object must give, as long as no further block is whole. */
interface Known {
  readonly bytes: number
  readonly rows: Buffer
  readonly lines: number
  readonly rejected: object
}

function seriesOfRow({ symbolColumn, intervals }: Dataset, { values }: IlpRow): string {
  const symbol = String(values[symbolColumn])
  return intervals ? seriesOf(symbol, String(values.interval)) : symbol
}

function checkOf({ checksum }: Dataset, rows: readonly IlpRow[]): number {
  return rows.reduce((sum, row) => sum + evaluateCheck(checksum, row), 0)
}

const KINDS: Readonly<Record<ColumnType, Kind>> = {
  TIMESTAMP: 'micros',
  TIMESTAMP_NS: 'nanos',
  SYMBOL: 'symbol',
  VARCHAR: 'string',
  BOOLEAN: 'boolean',
  BYTE: 'int',
  INT: 'int',
  LONG: 'int',
  DOUBLE: 'double',
  'DOUBLE[][]': 'array',
}

function fits(row: IlpRow, name: string, columns: Dataset['table']['columns']): boolean {
  const type = columns[name]
  return type !== undefined && KINDS[type] === row.kinds[name]
}

function outcome({ rejected, warnings, supersededRows }: Outcome): unknown {
  return { rejected, warnings, supersededRows }
}

/** Lines as latin1 text, which keeps every byte; the byte order mark belongs to no line. */
function linesOf({ container, input, headerLines }: Fixture): {
  header: string[]
  lines: string[]
} {
  const text = unpack(container, input)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
  const all = text.split(/\r?\n/).filter((line) => line !== '')
  return { header: all.slice(0, headerLines), lines: all.slice(headerLines) }
}
