import type { RecordChunk } from '@backtide/datasets/decoded-object'
import type { DecodingObject } from '../decode/decoder-pool.ts'
import type { BodySender } from './body-sender.ts'

/**
 * Appends the records of several objects to a sender in timestamp order, holding no more than a
 * chunk or two of each.
 */
export async function mergeObjects(
  objects: readonly DecodingObject[],
  sender: BodySender,
): Promise<void> {
  const heads = (await Promise.all(objects.map(openHead))).filter((head) => head !== undefined)
  heads.sort((a, b) => a.ts - b.ts)
  while (heads.length > 0) {
    const [head, next] = heads as [Head, Head?]
    await appendRun(head, next?.ts ?? Number.POSITIVE_INFINITY, sender)
    if (head.at === head.chunk.ts.length && !(await refill(head))) heads.shift()
    else sink(heads)
  }
}

/** Appends the records of a head up to and with the timestamp `limit`, one timestamp at a time. */
async function appendRun(head: Head, limit: number, sender: BodySender): Promise<void> {
  const { bytes, ts, ends } = head.chunk
  while (head.at < ts.length && head.ts <= limit) {
    const at = head.ts
    const from = head.at === 0 ? 0 : (ends[head.at - 1] ?? 0)
    while (head.at < ts.length && ts[head.at] === at) head.at += 1
    await sender.append(bytes, from, ends[head.at - 1] ?? 0, at)
    head.ts = ts[head.at] ?? head.ts
  }
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
