import { SourceUnavailableError } from '@backtide/activities/objects/errors'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import type { S3Options } from '@backtide/activities/objects/s3/client'
import { createS3ObjectStore } from '@backtide/activities/objects/s3/s3-store'
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openArchive } from '../helpers/archive.ts'
import {
  begunAt,
  inTurn,
  openArchiveWire,
  type ArchiveWire,
  type Fate,
} from '../helpers/archive-wire.ts'
import { beginReading, md5, openFound, readAll, same } from '../helpers/read-object.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const MIB = 1024 * 1024
const PART = 8 * MIB
let wire: ArchiveWire

beforeAll(() => {
  process.env.AWS_ACCESS_KEY_ID = servers.s3.accessKeyId
  process.env.AWS_SECRET_ACCESS_KEY = servers.s3.secretAccessKey
})

beforeEach(async () => {
  wire = await openArchiveWire(servers.s3.endpoint)
  return () => wire[Symbol.asyncDispose]()
})

afterAll(() => Promise.all(stored.map((key) => archive.remove(key))))

describe('a small object', () => {
  it('is one request', async () => {
    const { key, bytes } = await store(100_000)
    const object = await openFound(reader(), key)
    expect(object).toMatchObject({ etag: md5(bytes), size: 100_000 })
    expect(await readAll(object)).toEqual(bytes)
    expect(asked()).toEqual(['0-8388607'])
  })

  it('comes over the connection of the one before', async () => {
    const { key, bytes } = await store(100_000)
    const objects = reader()
    for (let time = 0; time < 10; time++)
      expect(same(await readAll(await openFound(objects, key)), bytes)).toBe(true)
    expect(wire.connections).toBe(1)
  })

  it('without a byte is empty, and found', async () => {
    const { key, bytes } = await store(0)
    const object = await openFound(reader(), key)
    expect(object).toMatchObject({ etag: md5(bytes), size: 0 })
    expect(await readAll(object)).toEqual(bytes)
    expect(asked()).toEqual(['0-8388607', 'whole'])
  })

  it('is not sent again while it has the ETag it had', async () => {
    const { key, bytes } = await store(10)
    const objects = reader()
    expect(await objects.open(key, { unlessEtag: md5(bytes) })).toEqual({ state: 'unchanged' })
    expect(await objects.open(`${key}.not`, {})).toEqual({ state: 'absent' })
    expect(wire.asked).toHaveLength(2)
  })

  it('can wait for its reader together with hundreds of others', async () => {
    const many = await Promise.all(Array.from({ length: 400 }, () => store(20_000)))
    const objects = reader()
    const opened = await Promise.all(many.map(({ key }) => openFound(objects, key)))
    const found = await Promise.all(opened.toReversed().map(readAll))
    expect(found.map(md5)).toEqual(many.map(({ bytes }) => md5(bytes)).toReversed())
    expect(wire.asked).toHaveLength(400)
  })
})

describe('a large object', () => {
  it('comes in ranges of the one version that was opened, in order', async () => {
    const { key, bytes } = await store(4 * PART + 5)
    expect(same(await readAll(await openFound(reader(), key)), bytes)).toBe(true)
    expect(asked().toSorted()).toEqual(
      ['0-8388607', '16777216-25165823', '25165824-33554431', '33554432-33554436', '8388608-16777215'], // prettier-ignore
    )
    expect(wire.asked.slice(1).map(({ ifMatch }) => ifMatch)).toEqual(Array(4).fill(md5(bytes)))
  })

  it('comes one range after the other when no memory is left to read ahead', async () => {
    const { key, bytes } = await store(2 * PART + 5)
    expect(same(await readAll(await openFound(reader({ partsAhead: 0 }), key)), bytes)).toBe(true)
    expect(asked()).toEqual(['0-8388607', '8388608-16777215', '16777216-16777220'])
  })

  it('shares the memory for reading ahead with all others, and gives it back', async () => {
    const { key, bytes } = await store(4 * PART)
    const objects = reader({ partsAhead: 2 })
    const first = await beginReading(await openFound(objects, key))
    const second = await beginReading(await openFound(objects, key))
    // Each its first part, and two parts ahead together.
    await waitUntil('what was asked for ahead', () => wire.bytes >= 2 * PART)
    expect(wire.asked).toHaveLength(4)
    first.close()
    expect(same(await second.all(), bytes)).toBe(true)
    const third = await beginReading(await openFound(objects, key))
    await waitUntil('parts ahead again', () => wire.asked.length === 4 + 3 + 3)
    third.close()
    await expect(first.all()).rejects.toThrow('aborted')
  })

  it('that is replaced while it is read is an error, and then the new one', async () => {
    const { key } = await store(3 * PART)
    const objects = reader({ partsAhead: 0 })
    const { all } = await beginReading(await openFound(objects, key))
    const bytes = randomBytes(3 * PART)
    await archive.put(key, bytes)
    await expect(all()).rejects.toThrow(SourceUnavailableError)
    await expect(all()).rejects.toThrow('was replaced while it was read')
    expect(same(await readAll(await openFound(objects, key)), bytes)).toBe(true)
  })

  it('that is removed while it is read is an error, and then absent', async () => {
    const { key } = await store(2 * PART)
    const objects = reader({ partsAhead: 0 })
    const { all } = await beginReading(await openFound(objects, key))
    await archive.remove(key)
    await expect(all()).rejects.toThrow('became absent while it was read')
    expect(await objects.open(key, {})).toEqual({ state: 'absent' })
  })

  it('stops with the reason of its signal', async () => {
    const { key } = await store(3 * PART)
    const stop = new AbortController()
    const { all } = await beginReading(await openFound(reader(), key, stop.signal))
    stop.abort(new Error('no longer wanted'))
    await expect(all()).rejects.toThrow('no longer wanted')
  })
})

describe('a connection that', () => {
  it('ends in mid-body is followed by one for the rest of the same version', async () => {
    const { key, bytes } = await store(6 * MIB)
    wire.fate = inTurn({ endAfter: MIB }, { endAfter: 2 * MIB })
    expect(same(await readAll(await openFound(reader(), key)), bytes)).toBe(true)
    const [, second, third, ...more] = wire.asked
    expect(more).toEqual([])
    expect([second?.ifMatch, third?.ifMatch]).toEqual([md5(bytes), md5(bytes)])
    expect(begunAt(second)).toBeGreaterThan(0)
    expect(begunAt(second)).toBeLessThanOrEqual(MIB)
    expect(begunAt(third)).toBeGreaterThan(begunAt(second))
    expect(begunAt(third)).toBeLessThanOrEqual(begunAt(second) + 2 * MIB)
  })

  it('ends in a part read ahead is followed by one for the rest of that part', async () => {
    const { key, bytes } = await store(3 * PART)
    let left = 1
    wire.fate = ({ range }) =>
      begunAt({ range }) >= PART && left-- > 0 ? { endAfter: MIB } : 'pass'
    expect(same(await readAll(await openFound(reader(), key)), bytes)).toBe(true)
    expect(wire.asked).toHaveLength(4)
    expect(wire.bytes).toBeLessThanOrEqual(3 * PART + MIB)
  })

  it('falls silent in mid-body is replaced likewise', async () => {
    const { key, bytes } = await store(6 * MIB)
    wire.fate = inTurn({ stallAfter: MIB })
    const objects = reader({ timeouts: { stallMs: 300 } })
    expect(same(await readAll(await openFound(objects, key)), bytes)).toBe(true)
    expect(wire.asked.map(({ ifMatch }) => ifMatch)).toEqual([undefined, md5(bytes)])
    // All of it had arrived before the silence.
    expect(begunAt(wire.asked[1])).toBe(MIB)
  })

  it('waits for its reader for longer than that is left as it is', async () => {
    const { key, bytes } = await store(PART)
    const { all } = await beginReading(await openFound(reader({ timeouts: { stallMs: 200 } }), key))
    await pause(600)
    expect(same(await all(), bytes)).toBe(true)
    expect(wire.asked).toHaveLength(1)
  })

  it('ended before its reader came is asked again', async () => {
    const { key, bytes } = await store(6 * MIB)
    wire.fate = inTurn({ endAfter: 0 })
    expect(same(await readAll(await openFound(reader(), key)), bytes)).toBe(true)
    expect(asked()).toEqual(['0-8388607', '0-6291455'])
  })

  it('brings nothing, time after time, is given up', async () => {
    const { key } = await store(MIB)
    wire.fate = () => ({ endAfter: 0 })
    const object = await openFound(reader(), key)
    await expect(readAll(object)).rejects.toThrow(`${key} broke off: 0 of 1048576 bytes`)
    expect(wire.asked).toHaveLength(2)
  })

  it('always ends early is given up although bytes come', async () => {
    const { key } = await store(PART)
    wire.fate = () => ({ endAfter: MIB })
    const object = await openFound(reader(), key)
    await expect(readAll(object)).rejects.toThrow(SourceUnavailableError)
    expect(wire.asked).toHaveLength(6)
  })

  it('broke off while the object was replaced does not mix the two', async () => {
    const { key } = await store(6 * MIB)
    wire.fate = inTurn({ stallAfter: MIB })
    const objects = reader({ timeouts: { stallMs: 300 } })
    const { all } = await beginReading(await openFound(objects, key))
    await archive.put(key, randomBytes(6 * MIB))
    await expect(all()).rejects.toThrow('was replaced while it was read')
  })

  it('is taken and never answered is given up, three times', async () => {
    const { key } = await store(10)
    wire.fate = () => 'silence'
    const opening = reader({ timeouts: { answerMs: 200 } }).open(key, {})
    await expect(opening).rejects.toThrow(SourceUnavailableError)
    expect(wire.asked).toHaveLength(3)
  })
})

describe('an archive that', () => {
  it('asks for fewer requests is heard each time, also when it gives in', async () => {
    const { key, bytes } = await store(10)
    let heard = 0
    const objects = reader({ onThrottle: () => (heard += 1) })
    wire.fate = inTurn(SLOW_DOWN, SLOW_DOWN)
    expect(same(await readAll(await openFound(objects, key)), bytes)).toBe(true)
    expect(heard).toBe(2)
    wire.fate = () => SLOW_DOWN
    await expect(objects.open(key, {})).rejects.toThrow(SourceUnavailableError)
    expect(heard).toBe(5)
    wire.fate = inTurn({ answer: 500, code: 'InternalError' }, { answer: 404, code: 'NoSuchKey' })
    expect(await objects.open(key, {})).toEqual({ state: 'absent' })
    expect(heard).toBe(5)
  })

  it('sends other bytes than its ETag stands for is asked again', async () => {
    const { key, bytes } = await store(100_000)
    const objects = reader()
    wire.fate = inTurn({ spoil: 70_000 })
    const spoiled = readAll(await openFound(objects, key))
    await expect(spoiled).rejects.toThrow(SourceUnavailableError)
    await expect(spoiled).rejects.toThrow(`instead of the ${md5(bytes)} of its ETag`)
    expect(same(await readAll(await openFound(objects, key)), bytes)).toBe(true)
  })

  it('sends the same bytes twice is believed, whatever its ETags are', async () => {
    const { key, bytes } = await store(100_000)
    const objects = reader()
    wire.fate = () => ({ spoil: 0 })
    await expect(readAll(await openFound(objects, key))).rejects.toThrow(SourceUnavailableError)
    const found = await readAll(await openFound(objects, key))
    expect(same(found.subarray(1), bytes.subarray(1))).toBe(true)
    expect(found[0]).toBe((bytes[0] ?? 0) ^ 0xff)
  })
})

const SLOW_DOWN: Fate = { answer: 503, code: 'SlowDown' }

function reader(options: S3Options = {}): ObjectStore {
  const { region } = servers.s3
  const place = { bucket: 'hyperliquid-archive', region, requesterPays: true }
  return createS3ObjectStore(place, { endpoint: wire.url, ...options })
}

const stored: string[] = []

/** Puts an object of random bytes into the archive. */
async function store(size: number): Promise<{ key: string; bytes: Buffer }> {
  const key = `archive-reading/${stored.length}`
  stored.push(key)
  const bytes = randomBytes(size)
  await archive.put(key, bytes)
  return { key, bytes }
}

/** The ranges that were asked for, `0-9`. */
function asked(): readonly string[] {
  return wire.asked.map(({ range }) => range?.replace('bytes=', '') ?? 'whole')
}
