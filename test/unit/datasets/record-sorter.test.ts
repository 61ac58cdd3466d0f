import type { RecordFacts } from '@backtide/datasets/dataset'
import type { RecordChunk } from '@backtide/datasets/decode/decoded-object'
import { createRecordSorter, type SorterLimits } from '@backtide/datasets/decode/record-sorter'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

interface Given {
  readonly ts: number
  readonly symbol?: string
  readonly identity?: string | number
  readonly rank?: number
  readonly content?: string
}

interface Sorted {
  readonly chunks: readonly RecordChunk[]
  /** `ts:content` of the records, in the order they come out. */
  readonly out: readonly string[]
  readonly emitted: readonly RecordFacts[]
  readonly duplicates: number
  readonly superseded: readonly string[]
  readonly late: readonly number[]
}

const ROOMY: SorterLimits = { chunkBytes: 1 << 20, reorderBytes: 1 << 20 }

function sort(given: readonly Given[], limits = ROOMY): Sorted {
  const emitted: RecordFacts[] = []
  const superseded: string[] = []
  const late: number[] = []
  let duplicates = 0
  const sorter = createRecordSorter(limits, {
    emitted: (record) => void emitted.push(record),
    dropped(record, same) {
      if (same) duplicates++
      else superseded.push(`${record.ts}:${record.rank}`)
    },
    late: (record) => void late.push(record.ts),
  })
  const chunks: RecordChunk[] = []
  for (const { ts, symbol = 'A', identity = '', rank = 0, content = 'x' } of given) {
    sorter.rows.text(`${ts}:${content};`)
    sorter.commit({ ts, symbol, identity, rank, rows: 1, check: 0 })
    chunks.push(...sorter.drain())
  }
  chunks.push(...sorter.flush())
  const out = chunks.flatMap((chunk) => cutRecords(chunk))
  return { chunks, out, emitted, duplicates, superseded, late }
}

function cutRecords({ bytes, ends }: RecordChunk): string[] {
  const text = Buffer.from(bytes).toString()
  return [...ends].map((end, at) => text.slice(ends[at - 1] ?? 0, end - 1))
}

/** What a full sort with one winner per identity gives. */
function fullSort(given: readonly Required<Given>[]): string[] {
  const kept = new Map<string, { record: Required<Given>; at: number }>()
  for (const [at, record] of given.entries()) {
    const key = JSON.stringify([record.ts, record.symbol, record.identity])
    const earlier = kept.get(key)
    if (!earlier || record.rank >= earlier.record.rank) kept.set(key, { record, at })
  }
  return [...kept.values()]
    .toSorted((a, b) => compare(a.record, b.record))
    .map(({ record }) => `${record.ts}:${record.content}`)
}

function compare(a: Required<Given>, b: Required<Given>): number {
  if (a.ts !== b.ts) return a.ts - b.ts
  const [left, right] = [`${a.symbol} ${a.identity}`, `${b.symbol} ${b.identity}`]
  return left < right ? -1 : 1
}

const RECORD = fc.record({
  ts: fc.nat(6),
  symbol: fc.constantFrom('A', 'B'),
  identity: fc.constantFrom('', 'i', 'j'),
  rank: fc.nat(2),
  content: fc.constantFrom('x', 'y', 'long content'),
})

describe('records that fit in the window', () => {
  it('come out like a full sort with one winner per identity, whatever their order', () => {
    fc.assert(
      fc.property(
        fc.array(RECORD, { maxLength: 40 }),
        fc.integer({ min: 1, max: 60 }),
        (all, size) => {
          const sorted = sort(all, { chunkBytes: size, reorderBytes: 1 << 20 })
          expect(sorted.out).toEqual(fullSort(all))
          expect(sorted.late).toEqual([])
          const lost = sorted.duplicates + sorted.superseded.length
          expect(sorted.emitted.length + lost).toBe(all.length)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('stay both when they share a time but not their identity', () => {
    const { out } = sort([
      { ts: 5, identity: 'b', content: 'second' },
      { ts: 5, identity: 'a', content: 'first' },
    ])
    expect(out).toEqual(['5:first', '5:second'])
  })

  it('come out by identity where they share a time, numbers as numbers', () => {
    const all = [10, 9, 2e15, 100].map((identity) => ({ ts: 5, identity, content: `${identity}` }))
    expect(sort(all).out).toEqual(['5:9', '5:10', '5:100', '5:2000000000000000'])
  })

  it('give way to the higher rank, and to the later line among equals', () => {
    const { out, superseded } = sort([
      { ts: 5, rank: 2, content: 'kept' },
      { ts: 5, rank: 1, content: 'old' },
      { ts: 7, rank: 1, content: 'old' },
      { ts: 7, rank: 1, content: 'kept' },
    ])
    expect(out).toEqual(['5:kept', '7:kept'])
    expect(superseded).toEqual(['5:1', '7:1'])
  })

  it('count as duplicates when their rows are the same', () => {
    expect(sort([{ ts: 5 }, { ts: 5 }, { ts: 5 }])).toMatchObject({
      out: ['5:x'],
      duplicates: 2,
      superseded: [],
    })
  })
})

describe('records of a larger object', () => {
  const tiny: SorterLimits = { chunkBytes: 16, reorderBytes: 32 }

  it('all come out once, in order unless they are told as late', () => {
    const jitter = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -900, max: 900 }))
    const near = fc.array(jitter, { maxLength: 80 }).map((shifts) => {
      return shifts.map((shift, at) => ({ ts: 1000 + 10 * at + shift, identity: `${at}` }))
    })
    fc.assert(
      fc.property(near, (all) => {
        const { out, late, chunks } = sort(all, tiny)
        expect(out.toSorted()).toEqual(all.map(({ ts }) => `${ts}:x`).toSorted())
        const times = chunks.flatMap(({ ts }) => [...ts])
        const ascending = times.every((ts, at) => at === 0 || ts >= (times[at - 1] ?? 0))
        expect(ascending || late.length > 0).toBe(true)
      }),
    )
  })

  it('are put in order when they are late by less than half the window', () => {
    // Runs of four, each backwards; the window holds ten records, so half of it five.
    const all = Array.from({ length: 201 }, (_, at) => ({
      ts: 400 - (at % 4) + 2 * (at - (at % 4)),
    }))
    const { out, late } = sort(all, { chunkBytes: 16, reorderBytes: 60 })
    expect(late).toEqual([])
    expect(out).toEqual(all.map(({ ts }) => `${ts}:x`).toSorted())
    expect(out.length).toBe(201)
  })

  it('are late at the very time that went out last: an equal one may have been among them', () => {
    const all = Array.from({ length: 9 }, (_, at) => ({
      ts: 5,
      identity: `${at}`,
      content: 'long',
    }))
    expect(sort(all, tiny).late.length).toBeGreaterThan(0)
  })

  it('are told as late when they come after later ones, or ones of their time, went out', () => {
    const all = Array.from({ length: 20 }, (_, at) => ({ ts: 100 + at }))
    expect(sort([...all, { ts: 100 }, { ts: 50 }], tiny).late).toEqual([100, 50])
  })

  it('are held back by no more than the window', () => {
    let most = 0
    const events = { emitted: () => undefined, dropped: () => undefined, late: () => undefined }
    const sorter = createRecordSorter({ chunkBytes: 100, reorderBytes: 1000 }, events)
    for (let ts = 0; ts < 2000; ts++) {
      sorter.rows.text('0123456789')
      sorter.commit({ ts, symbol: '', identity: '', rank: 0, rows: 1, check: 0 })
      for (const { bytes } of sorter.drain()) expect(bytes.length).toBeLessThanOrEqual(100)
      most = Math.max(most, sorter.rows.length)
    }
    expect(most).toBeLessThanOrEqual(1000)
  })
})

describe('chunks', () => {
  it('are cut only where the time changes, even where that makes one too large', () => {
    const all = [1, 2, 2, 2, 2, 3].map((ts, at) => ({ ts, identity: `${at}` }))
    const { chunks } = sort(all, { chunkBytes: 8, reorderBytes: 1 << 20 })
    expect(chunks.map(({ ts }) => [...ts])).toEqual([[1], [2, 2, 2, 2], [3]])
  })

  it('own their memory, so that they can be moved to another thread', () => {
    const { chunks } = sort([{ ts: 1 }, { ts: 2 }], { chunkBytes: 4, reorderBytes: 1 << 20 })
    expect(chunks.length).toBe(2)
    for (const { bytes } of chunks) expect(bytes.buffer.byteLength).toBe(bytes.length)
  })
})

it('refuses a record without rows, which would never fill its window', () => {
  const events = { emitted: () => undefined, dropped: () => undefined, late: () => undefined }
  const sorter = createRecordSorter(ROOMY, events)
  const record = { ts: 1, symbol: '', identity: '', rank: 0, rows: 0, check: 0 }
  expect(() => sorter.commit(record)).toThrow('without rows')
})

it('takes back what was written since the last record', () => {
  const events = { emitted: () => undefined, dropped: () => undefined, late: () => undefined }
  const sorter = createRecordSorter(ROOMY, events)
  sorter.rows.text('kept;')
  sorter.commit({ ts: 1, symbol: '', identity: '', rank: 0, rows: 1, check: 0 })
  sorter.rows.text('half a row')
  sorter.rewind()
  expect([...sorter.flush()].map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['kept;'])
})
