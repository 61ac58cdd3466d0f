import { HOUR_MS } from '@backtide/core/range'
import { registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'
import { decodeObject, plainRows, type DecodeOptions } from '../../contract/decode.ts'
import { expectSameEitherWay } from '../../contract/either-way.ts'
import { writeFrame } from '../../contract/lz4-writer.ts'
import { bookLine, books, type Book } from '../../helpers/books.ts'

const FROM = Date.UTC(2025, 0, 1)
const OBJECT = { symbol: 'BTC', from: FROM, to: FROM + HOUR_MS }
const DATASET = found(registry.find('hyperliquid.l2_snapshot'))

function decode(all: readonly Book[], options?: DecodeOptions) {
  const input = writeFrame(Buffer.from(all.map((book) => `${bookLine(book)}\n`).join('')))
  expectSameEitherWay(DATASET, OBJECT, input, options)
  return decodeObject(DATASET, OBJECT, input, options)
}

const ALL = books({ coin: 'BTC', hour: FROM, count: 300 })

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there')
  return value
}

/** A book without levels at the time of another, recorded after all. */
function emptied({ coin, time }: Book): Book {
  return { coin, time, recv: BigInt(FROM + HOUR_MS - 1) * 1_000_000n, bids: [], asks: [] }
}

describe('a book without levels', () => {
  const empty = emptied(found(ALL[5]))

  it('is one row without price and quantity, which the view leaves out', () => {
    const { rows, tally } = decode([empty])
    const [row] = plainRows(rows)
    expect(row).toEqual({ ts: empty.time * 1000, ticker: 'BTC', side: 'bid', level: -1 })
    expect(tally).toMatchObject({ rows: 1, distinctRows: 1, warnings: { empty_book: 1 } })
    expect(DATASET.table.view.where).toContain('level >= 0')
  })

  it('takes the place of the book of its time that was recorded before', () => {
    const { rows, tally } = decode([...ALL, empty])
    const there = rows.filter(({ ts }) => ts === empty.time * 1000)
    expect(there.map(({ values }) => values.level)).toEqual([-1])
    expect(tally).toMatchObject({ rows: 12_001, distinctRows: 299 * 40 + 1, supersededRows: 40 })
  })

  it('is told of as late when the window has passed its time, and nothing is claimed of that', () => {
    const { tally } = decode([...ALL, empty], { reorderBytes: 65_536 })
    const [expected] = tally.expected
    expect(tally.disordered).toBe(true)
    expect(expected?.ts.includes(empty.time * 1000)).toBe(false)
  })
})

describe('many books without levels', () => {
  it('fill the window like others', () => {
    const first = found(ALL[1])
    const all = Array.from({ length: 3000 }, (_, at) => ({
      ...emptied(first),
      time: FROM + at,
      recv: BigInt(FROM + at) * 1_000_000n,
    }))
    const { chunks } = decode(all, { reorderBytes: 16_384, chunkBytes: 4096 })
    expect(chunks.length).toBeGreaterThan(10)
  })
})

describe('the rows of an hour that are stamped in another', () => {
  it('say so, all of them and no other', () => {
    const { rows } = decode(ALL)
    for (const { ts, values } of rows) expect(values.seam).toBe(ts < FROM * 1000 ? 1 : undefined)
    expect(rows.filter(({ values }) => values.seam === 1).length).toBe(40)
  })
})
