import { createBodySender } from '@backtide/activities/load/body-sender'
import { mergeObjects } from '@backtide/activities/load/merge-objects'
import type { DecodingObject } from '@backtide/activities/threads/decoder-pool'
import type { RecordChunk } from '@backtide/datasets/decode/decoded-object'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** A record as these tests write it: its timestamp, whose it is, and some filling. */
const line = (ts: number, object: number, size: number) => `${ts} ${object} ${'x'.repeat(size)}\n`

/** An object whose records come in chunks of some length. */
function objectOf(records: readonly (readonly [number, string])[], length: number): DecodingObject {
  const chunks: RecordChunk[] = []
  for (let from = 0; from < records.length; from += length) {
    const some = records.slice(from, from + length)
    let end = 0
    chunks.push({
      bytes: Buffer.from(some.map(([, text]) => text).join('')),
      ts: Float64Array.from(some, ([ts]) => ts),
      ends: Uint32Array.from(some, ([, text]) => (end += text.length)),
    })
  }
  return {
    next: () => Promise.resolve(chunks.shift()),
    tally: () => {
      throw new Error('not asked')
    },
    close: () => {},
  }
}

async function merge(objects: readonly (readonly number[])[], length: number, bodyBytes: number) {
  const bodies: string[] = []
  const sender = senderOf({
    write: (body) => void bodies.push(Buffer.from(body).toString()),
    bodyBytes,
  })
  const decoding = objects.map((times, object) =>
    objectOf(
      times.map((ts) => [ts, line(ts, object, ts % 7)] as const),
      length,
    ),
  )
  await mergeObjects(decoding, sender)
  await sender.flush()
  return bodies
}

/** A sender into a database that is told of by two functions. */
function senderOf(given: {
  readonly write: (body: Uint8Array) => void
  readonly commit?: () => void
  readonly bodyBytes: number
  readonly commitBytes?: number
}) {
  const { write, commit = () => {}, bodyBytes, commitBytes = 0 } = given
  return createBodySender({
    open: () => ({
      write: async (body) => await Promise.resolve(write(body)),
      commit: async () => await Promise.resolve(commit()),
      abort: () => {},
    }),
    fence: { isOpen: true, wait: () => Promise.resolve() },
    bodyBytes,
    commitBytes,
  })
}

const timesOf = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((row) => Number(row.split(' ')[0]))

describe('merging objects', () => {
  const times = fc
    .array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 })
    .map((all) => all.toSorted((a, b) => a - b))

  it('gives every record once, in time order, in bodies that share no timestamp', async () => {
    const inputs = fc.tuple(
      fc.array(times, { maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 8, max: 200 }),
    )
    await fc.assert(
      fc.asyncProperty(inputs, async ([objects, length, bodyBytes]) => {
        const bodies = await merge(objects, length, bodyBytes)
        const rows = bodies.join('').split('\n').slice(0, -1)
        const expected = objects.flatMap((all, object) =>
          all.map((ts) => line(ts, object, ts % 7).slice(0, -1)),
        )
        expect(rows.toSorted()).toEqual(expected.toSorted())
        const merged = timesOf(bodies.join(''))
        expect(merged).toEqual(merged.toSorted((a, b) => a - b))
        for (const [index, body] of bodies.entries()) {
          const last = timesOf(body).at(-1)
          expect(timesOf(bodies[index + 1] ?? '')[0]).not.toBe(last)
        }
      }),
    )
  })

  it('keeps bodies within their size unless one timestamp alone is larger', async () => {
    const bodies = await merge([Array.from({ length: 500 }, (_, index) => index)], 50, 100)
    expect(Math.max(...bodies.map((body) => body.length))).toBeLessThanOrEqual(100)
    expect(bodies.length).toBeGreaterThan(10)
    expect(await merge([Array.from({ length: 50 }, () => 7)], 10, 20)).toHaveLength(1)
  })

  it('throws what sending threw, commits nothing, and sends no more than was on its way', async () => {
    let sent = 0
    let committed = 0
    const write = () => {
      sent += 1
      throw new Error('gone')
    }
    const sender = senderOf({ write, commit: () => void (committed += 1), bodyBytes: 10 })
    const records = Array.from({ length: 9 }, (_, index) => [index, line(index, 0, 6)] as const)
    const merging = mergeObjects([objectOf(records, 3)], sender).then(() => sender.flush())
    await expect(merging).rejects.toThrow('gone')
    expect(sent).toBeLessThanOrEqual(2)
    expect(committed).toBe(0)
  })

  it('makes one transaction of many bodies where that is asked for, cut where it is large enough', async () => {
    const heard: string[] = []
    const sender = senderOf({
      write: () => void heard.push('body'),
      commit: () => void heard.push('commit'),
      bodyBytes: 100,
      commitBytes: 350,
    })
    const records = Array.from({ length: 100 }, (_, index) => [index, line(index, 0, 4)] as const)
    await mergeObjects([objectOf(records, 10)], sender)
    await sender.flush()
    const text = heard.map((word) => word[0]).join('')
    expect(text).toMatch(/^(bbbb?c)+b{0,4}c$/)
    expect(heard.filter((word) => word === 'commit').length).toBeGreaterThan(1)
  })
})
