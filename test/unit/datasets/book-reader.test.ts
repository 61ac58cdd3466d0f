import { BookReader, receivedAfter } from '@backtide/datasets/hyperliquid/book-reader'
import { RowWriter } from '@backtide/datasets/ilp/row-writer'
import { describe, expect, it } from 'vitest'
import { readBookLine, type Book } from '../../contract/oracle/book-line.ts'
import { copyBook, holdBook } from '../../contract/oracle/held-book.ts'

const OBJECT = { symbol: 'BTC', from: Date.UTC(2025, 0, 1), to: Date.UTC(2025, 0, 1, 1) }

type Level = Record<string, unknown>
type Change = (line: { time: unknown; ver_num: unknown; raw: Record<string, unknown> }) => void

const level = (px: unknown, sz: unknown = '1.5', n: unknown = 2): Level => ({ px, sz, n })
const ladder = (start: number, step: number): Level[] => {
  return Array.from({ length: 20 }, (_, at) => level(String(start + step * at)))
}

function lineOf(bids: unknown, asks: unknown, change: Change = () => undefined): string {
  const data = { coin: 'BTC', time: 1_735_689_600_123, levels: [bids, asks] }
  const line = { time: '2025-01-01T00:00:00.5', ver_num: 1, raw: { channel: 'l2Book', data } }
  change(line)
  return JSON.stringify(line)
}

/** What the full parse reads, which the oracle reads as well. */
function read(text: string): Book | string {
  const line = Buffer.from(text)
  const found = parse(line)
  expect(found).toEqual(readBookLine(line, OBJECT))
  return found
}

function parse(line: Buffer): Book | string {
  const books: Omit<Book, 'warnings'>[] = []
  const reader = new BookReader(OBJECT, (book) => books.push(copyBook(book)))
  const reading = reader.parse(line)
  if (reading !== true) return reading
  const warnings: string[] = []
  const sink = { rows: new RowWriter(), commit: ignore, reject: ignore }
  reader.write({ ...sink, warn: (warning) => warnings.push(warning) })
  return { ...(books[0] as Book), warnings }
}

const ignore = (): void => undefined

function warningsOf(bids: unknown, asks: unknown, change?: Change): readonly string[] {
  const book = read(lineOf(bids, asks, change))
  return typeof book === 'string' ? [`rejected: ${book}`] : book.warnings
}

function deep(side: Level[], first: Level): Level[] {
  return [first, ...side.slice(1)]
}

const BIDS = ladder(100, -1)
const ASKS = ladder(101, 1)

describe('a line', () => {
  it('is read to the nanosecond and the level', () => {
    const book = read(
      lineOf([level('0.1', '2', 3)], [], (line) => (line.time = '2025-01-01T00:00:09.123456789')),
    )
    expect(book).toEqual({
      ts: 1_735_689_600_123_000,
      received: { micros: 1_735_689_609_123_456, nanos: 789 },
      bids: { prices: [0.1], sizes: [2], counts: [3] },
      asks: { prices: [], sizes: [], counts: [] },
      warnings: ['one_sided', 'depth'],
    })
    expect(receivedAfter(holdBook(book as Book), OBJECT)).toBe(9_123_456_789)
  })

  const data = (line: Parameters<Change>[0]) => line.raw.data as Record<string, unknown>
  it.each<[string, Change]>([
    ['wrong_channel', (line) => (line.raw.channel = 'trades')],
    ['wrong_channel', (line) => (line.raw = { channel: 'trades', data: [] })],
    ['wrong_symbol', (line) => (data(line).coin = 'btc')],
    ['wrong_shape', (line) => (line.time = 1_735_689_600_123)],
    ['wrong_shape', (line) => (line.time = '2025-01-01')],
    ['wrong_shape', (line) => (line.time = '2025-01-01T00:00:00+01:00')],
    ['wrong_shape', (line) => (line.time = '2025-01-01T24:00:00')],
    ['wrong_shape', (line) => (line.raw = { channel: 'l2Book' })],
    ['wrong_shape', (line) => (data(line).coin = 7)],
    ['wrong_shape', (line) => (data(line).time = '1735689600123')],
    ['wrong_shape', (line) => (data(line).time = 1_735_689_600.5)],
    ['wrong_shape', (line) => (data(line).time = -1)],
    ['wrong_shape', (line) => (data(line).time = 9e15)],
    ['wrong_shape', (line) => (data(line).levels = [[]])],
    ['wrong_shape', (line) => (data(line).levels = [[], [], []])],
    ['wrong_shape', (line) => (data(line).levels = [[], {}])],
    ['outside_partition', (line) => (line.time = '2024-12-31T23:54:59.999999999')],
    ['outside_partition', (line) => (line.time = '2025-01-01T01:05:00')],
  ])('is rejected: %s (%s)', (reason, change) => {
    expect(read(lineOf(BIDS, ASKS, change))).toBe(reason)
  })

  it.each(['', '{', 'null', '7', '[]', '"x"', '{}', '{"raw":null}', 'nan'])(
    'of %j is rejected',
    (text) => {
      expect(['not_json', 'wrong_shape']).toContain(read(text))
    },
  )

  it.each([
    ['2024-12-31T23:55:00', true],
    ['2025-01-01T01:04:59.999999999', true],
  ])('recorded at %s is near enough', (time, near) => {
    const change: Change = (line) => {
      line.time = time
      data(line).time = Date.parse(`${time.slice(0, 23)}Z`)
    }
    expect(typeof read(lineOf(BIDS, ASKS, change)) === 'object').toBe(near)
  })

  const HOUR_MS = 3_600_000
  it.each([
    [OBJECT.from + 500 - HOUR_MS, '', true],
    [OBJECT.from + 500 + HOUR_MS, '', true],
    [OBJECT.from + 500 - HOUR_MS, '000001', false],
    [OBJECT.from + 499 - HOUR_MS, '', false],
    [OBJECT.from + 501 + HOUR_MS, '', false],
    [0, '', false],
    [1e12, '', false],
    [9_007_199_254_740, '', false],
  ])('stamped %i, an hour or more from its recorder, is rejected or not', (ts, nanos, near) => {
    const change: Change = (line) => {
      data(line).time = ts
      line.time = `2025-01-01T00:00:00.500${nanos}`
    }
    const text = lineOf(BIDS, ASKS, change)
    expect(typeof read(text) === 'string' ? read(text) : 'read').toBe(near ? 'read' : 'time_apart')
    const reader = new BookReader(OBJECT, ignore)
    expect(reader.scan(Buffer.from(`${text}\n`).subarray(0, -1))).toBe(near)
  })
})

describe('a level', () => {
  it.each<[string, unknown]>([
    ['wrong_shape', null],
    ['wrong_shape', ['1', '2', 3]],
    ['wrong_shape', { px: '1', sz: '2' }],
    ['wrong_shape', { px: '1', n: 2 }],
    ['wrong_shape', level('')],
    ['wrong_shape', level(' 1')],
    ['wrong_shape', level('1,5')],
    ['wrong_shape', level('0x10')],
    ['wrong_shape', level(true)],
    ['wrong_shape', level('1', '1', '2')],
    ['wrong_shape', level('1', '1', 1.5)],
    ['not_finite', level('NaN')],
    ['not_finite', level('1', '-Infinity')],
    ['not_finite', level('1e999')],
    ['negative', level('-0.5')],
    ['negative', level('1', -3)],
    ['negative', level('1', '1', -1)],
  ])('is rejected: %s (%j)', (reason, bad) => {
    expect(read(lineOf([bad], ASKS))).toBe(reason)
    expect(read(lineOf(BIDS, [level('1'), bad]))).toBe(reason)
  })

  it('may have numbers for texts, and exponents', () => {
    expect(read(lineOf([level(100.25, '2e-7', 0)], []))).toMatchObject({
      bids: { prices: [100.25], sizes: [2e-7], counts: [0] },
    })
  })
})

describe('an odd book is warned of, not rejected', () => {
  it.each<[string[], unknown, unknown]>([
    [[], BIDS, ASKS],
    [['empty_book'], [], []],
    [['one_sided'], BIDS, []],
    [['one_sided'], [], ASKS],
    [['crossed'], ladder(101.5, -1), ASKS],
    [['locked'], ladder(101, -1), ASKS],
    [['unsorted'], BIDS.toReversed(), ASKS],
    [['unsorted'], BIDS, deep(ASKS, level('102'))],
    [['unsorted', 'crossed'], [...BIDS.slice(0, 19), level('500')], ASKS],
    [['depth'], BIDS.slice(0, 19), ASKS],
    [['depth'], BIDS, [...ASKS, level('500')]],
    [['unknown_field'], deep(BIDS, { ...level('100'), liq: true }), ASKS],
  ])('%j', (warnings, bids, asks) => {
    expect(warningsOf(bids, asks)).toEqual(warnings)
  })

  it.each<[string, Change]>([
    ['unknown_field', (line) => Object.assign(line, { seq: 1 })],
    ['unknown_field', (line) => (line.raw.seq = 1)],
    ['unknown_field', (line) => Object.assign(line.raw.data as object, { seq: 1 })],
    ['ver_num', (line) => (line.ver_num = 2)],
    ['ver_num', (line) => (line.ver_num = undefined)],
  ])('%s', (warning, change) => {
    expect(warningsOf(BIDS, ASKS, change)).toEqual([warning])
  })
})
