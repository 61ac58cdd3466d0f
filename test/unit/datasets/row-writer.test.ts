import { arrayColumn, doubleColumn, rowStart, textColumn } from '@backtide/datasets/ilp/names'
import { RowWriter } from '@backtide/datasets/ilp/row-writer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readIlp } from '../../contract/ilp-reader.ts'

const START = rowStart('t', {})
const TEXT = textColumn('text')
const SYMBOL = textColumn('symbol')
const LONG = textColumn('long')
const PRICE = doubleColumn('price')
const BOOK = arrayColumn('book')
const RECEIVED = textColumn('received')

describe('a row', () => {
  it('is written as the line protocol has it', () => {
    const rows = new RowWriter(undefined, 1)
    rows.begin(rowStart('books', { exchange: 'a b' }))
    rows.symbol(SYMBOL, 'x=y,z')
    rows.int(LONG, -42)
    rows.string(TEXT, 'say "hi"')
    rows.boolean(textColumn('live'), true)
    rows.nanos(RECEIVED, 1_735_689_602_238_437, 9)
    rows.end(1_735_689_599_877_000)
    expect(rows.slice().toString()).toBe(
      String.raw`books,exchange=a\ b,symbol=x\=y\,z long=-42i,text="say \"hi\"",live=t,` +
        'received=1735689602238437009n 1735689599877000t\n',
    )
  })

  it.each([
    ['the first of its partition', 0, ''],
    ['the last of its partition', 3_600_000_000 - 1, ''],
    ['the partition before', -1, ',seam=1i'],
    ['the first of the partition before', -3_600_000_000, ',seam=1i'],
    ['two partitions before', -3_600_000_001, ',seam=2i'],
    ['the partition after', 3_600_000_000, ',seam=-1i'],
    ['two partitions after', 7_200_000_000, ',seam=-2i'],
  ])('says how far its partition is: %s', (_, offset, seam) => {
    const from = Date.UTC(2025, 0, 1, 5)
    const rows = new RowWriter({ from, to: from + 3_600_000 })
    rows.begin(START)
    rows.int(LONG, 1)
    rows.end(from * 1000 + offset)
    expect(rows.slice().toString()).toBe(`t long=1i${seam} ${from * 1000 + offset}t\n`)
    expect(rows.isInside(from * 1000 + offset)).toBe(seam === '')
  })

  it.each([
    ['in its partition', 0, 16],
    ['in the partition before', -1, 17],
    ['two partitions after', 7_200_000_000, 14],
  ])('says which object of its partition and series it is of: %s', (_, offset, seam) => {
    const from = Date.UTC(2025, 0, 1, 5)
    const rows = new RowWriter({ from, to: from + 3_600_000, part: 1 })
    rows.begin(START)
    rows.int(LONG, 1)
    rows.end(from * 1000 + offset)
    expect(rows.slice().toString()).toBe(`t long=1i,seam=${seam}i ${from * 1000 + offset}t\n`)
    expect(rows.isInside(from * 1000 + offset)).toBe(false)
  })

  it('says how far its partition is where it says nothing else', () => {
    const day = Date.UTC(2025, 0, 2)
    const rows = new RowWriter({ from: day, to: day + 86_400_000 })
    rows.begin(START)
    rows.end(day * 1000 - 1)
    expect(rows.slice().toString()).toBe(`t seam=1i ${day * 1000 - 1}t\n`)
  })

  it('carries doubles and arrays as bytes', () => {
    const rows = new RowWriter()
    rows.begin(START)
    rows.double(PRICE, 0.1)
    rows.array2(BOOK, [[1.5], [2]])
    rows.end(7)
    expect(rows.slice().toString('hex')).toBe(
      [
        Buffer.from('t price==').toString('hex'),
        '109a9999999999b93f',
        Buffer.from(',book==').toString('hex'),
        '0e0a020200000001000000',
        '000000000000f83f0000000000000040',
        Buffer.from(' 7t\n').toString('hex'),
      ].join(''),
    )
  })

  it('comes back as it was written, whatever its values', () => {
    const size = fc.record({ rows: fc.nat(4), columns: fc.nat(4) })
    const array = size.chain(({ rows, columns }) => {
      const row = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
        minLength: columns,
        maxLength: columns,
      })
      return fc.array(row, { minLength: rows, maxLength: rows })
    })
    const row = fc.record({
      symbol: fc.string({ unit: 'binary' }),
      text: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      long: fc.option(fc.maxSafeInteger(), { nil: undefined }),
      price: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
      book: fc.option(array, { nil: undefined }),
      ts: fc.maxSafeNat(),
    })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), (all) => {
        const rows = new RowWriter(undefined, 8)
        for (const { symbol, text, long, price, book, ts } of all) {
          rows.begin(START)
          rows.symbol(SYMBOL, symbol)
          if (text !== undefined) rows.string(TEXT, text)
          if (long !== undefined) rows.int(LONG, long)
          if (price !== undefined) rows.double(PRICE, price)
          if (book !== undefined) rows.array2(BOOK, book)
          rows.end(ts)
        }
        const read = readIlp(rows.slice()).map(({ ts, values }) => ({ ts, ...values }))
        expect(read).toEqual(all)
      }),
    )
  })

  it('is gone after a rewind to before it', () => {
    const rows = new RowWriter()
    const mark = rows.length
    rows.begin(START)
    rows.int(LONG, 1)
    rows.rewind(mark)
    rows.begin(START)
    rows.int(LONG, 2)
    rows.end(3)
    expect(rows.slice().toString()).toBe('t long=2i 3t\n')
  })

  it('takes an empty book side as an array of three empty rows', () => {
    const rows = new RowWriter()
    rows.begin(START)
    rows.array2(BOOK, [[], [], []])
    rows.end(0)
    expect(readIlp(rows.slice())[0]?.values).toEqual({ book: [[], [], []] })
  })

  it('refuses what would silently become another value', () => {
    const rows = new RowWriter()
    expect(() => rows.double(PRICE, Number.NaN)).toThrow('Not a finite number')
    expect(() => rows.double(PRICE, Infinity)).toThrow('Not a finite number')
    expect(() => rows.int(LONG, 2 ** 53)).toThrow('Not a safe integer')
    expect(() => rows.int(LONG, 1.5)).toThrow('Not a safe integer')
    expect(() => rows.array2(BOOK, [[1, 2], [3]])).toThrow('differ in length')
    expect(() => textColumn('a b')).toThrow('Not a table or column name')
    expect(() => rowStart('t;drop', {})).toThrow('Not a table or column name')
  })
})
