import type { RecordChunk } from '@backtide/datasets/decode/decoded-object'
import { setImmediate } from 'node:timers/promises'
import type { DecodingObject } from '../threads/decoder-pool.ts'
import type { BodySender } from './body-sender.ts'

/**
 * Appends the records of several objects to a sender in timestamp order, holding no more than a
 * chunk or two of each. Lets others have the thread every few milliseconds.
 */
export async function mergeObjects(
  objects: readonly DecodingObject[],
  sender: BodySender,
): Promise<void> {
  const heads = (await Promise.all(objects.map(openHead))).filter((head) => head !== undefined)
  heads.sort((a, b) => a.ts - b.ts)
  let turn = performance.now()
  while (heads.length > 0) {
    const [head, next] = heads as [Head, Head?]
    if (!append(head, next?.ts ?? Number.POSITIVE_INFINITY, sender)) await sender.ship()
    else if (head.at === head.chunk.ts.length && !(await refill(head))) heads.shift()
    else sink(heads)
    if (performance.now() - turn < TURN_MS) continue
    await setImmediate()
    turn = performance.now()
  }
}

const TURN_MS = 5

/** Appends the records of a head up to and with the timestamp `limit`; false while there is no room. */
function append(head: Head, limit: number, sender: BodySender): boolean {
  const { chunk } = head
  const end = runEnd(chunk.ts, head.at, limit)
  head.at = sender.fill(chunk, head.at, end)
  head.ts = chunk.ts[head.at] ?? head.ts
  return head.at === end
}

/** Index of the first timestamp after `limit`; the one at `from` is not. */
function runEnd(ts: Float64Array, from: number, limit: number): number {
  if ((ts.at(-1) ?? 0) <= limit) return ts.length
  let end = from + 1
  while ((ts[end] ?? Number.POSITIVE_INFINITY) <= limit) end += 1
  return end
}

async function openHead(object: DecodingObject): Promise<Head | undefined> {
  const head = { object, chunk: NO_CHUNK, at: 0, ts: 0 }
  return (await refill(head)) ? head : undefined
}

async function refill(head: Head): Promise<boolean> {
  do {
    const chunk = await head.object.next()
    if (!chunk) return false
    head.chunk = chunk
  } while (head.chunk.ts.length === 0)
  head.at = 0
  head.ts = head.chunk.ts[0] ?? 0
  return true
}

/** Moves the first head back to its place in the order; few places, as heads advance together. */
function sink(heads: Head[]): void {
  const [head] = heads as [Head]
  let place = 0
  for (let next = heads[1]; next && next.ts < head.ts; next = heads[place + 1]) {
    heads[place] = next
    place += 1
  }
  heads[place] = head
}

const NO_CHUNK: RecordChunk = {
  bytes: new Uint8Array(),
  ts: new Float64Array(),
  ends: new Uint32Array(),
}

interface Head {
  readonly object: DecodingObject
  chunk: RecordChunk
  /** Index of the next record in the chunk, and its timestamp. */
  at: number
  ts: number
}
