import { createKeptBucket } from '@backtide/activities/objects/kept/bucket'
import { keepObjects } from '@backtide/activities/objects/kept/keeping-store'
import { createSpools } from '@backtide/activities/objects/kept/spool'
import { createS3ObjectStore } from '@backtide/activities/objects/s3/s3-store'
import { startUploader } from '@backtide/collector/capture/uploader'
import { createClient } from '@backtide/stack/servers/s3-client'
import { createCaptureBucket } from '@backtide/worker/capture-bucket'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScratch } from '@backtide/worker/sharing'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openArchiveWire } from '../helpers/archive-wire.ts'
import { openBacktide, startWorker } from '../helpers/backtide.ts'
import { books } from '../helpers/books.ts'
import { countRequests, type Requests } from '../helpers/counting-store.ts'
import { md5, openFound, readAll, same } from '../helpers/read-object.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const BUCKET = 'hyperliquid-archive'
const KEY = 'kept-bucket/a b.lz4'
const PREFIX = 'kept-bucket/copies/'
const CAPTURES = 'kept-bucket/captures/'
let parts: string

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = servers.s3.accessKeyId
  process.env.AWS_SECRET_ACCESS_KEY = servers.s3.secretAccessKey
  parts = await mkdtemp(join(tmpdir(), 'backtide-kept-'))
})

afterAll(async () => {
  await archive.remove(KEY)
  await archive.remove(PREFIX + KEY)
  for (const key of ['1.lz4', '2.lz4']) await archive.remove(CAPTURES + key)
  await rm(parts, { recursive: true, maxRetries: 10 })
})

describe('a bucket that objects are kept in', () => {
  it('gives them again without a request to the archive, and what is damaged never', async () => {
    const bytes = randomBytes(9 * 1024 * 1024)
    await archive.put(KEY, bytes)
    const requests: Requests = { opened: [], bodies: [] }
    const troubles: unknown[] = []
    const { endpoint, region } = servers.s3
    const place = { bucket: BUCKET, region, requesterPays: false }
    const onTrouble = (error: unknown) => void troubles.push(error)
    const kept = createKeptBucket({ bucket: BUCKET, region, prefix: PREFIX }, { endpoint })
    const objects = keepObjects(countRequests(createS3ObjectStore(place, { endpoint }), requests), {
      kept,
      spools: createSpools(parts, onTrouble),
      onTrouble,
      patienceMs: 60_000,
    })
    for (let time = 0; time < 2; time++) {
      const object = await openFound(objects, KEY)
      expect(object).toMatchObject({ etag: md5(bytes), size: bytes.length })
      expect(same(await readAll(object), bytes)).toBe(true)
    }
    expect(await objects.open(KEY, { unlessEtag: md5(bytes) })).toEqual({ state: 'unchanged' })
    expect(requests.opened.map(({ state }) => state)).toEqual(['found', 'unchanged'])
    await waitUntil('parts to go', async () => (await readdir(parts)).length === 0)

    const { etag = '', sha256 = '' } = (await kept.find(KEY)) ?? {}
    await createClient(servers.s3).send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: PREFIX + KEY,
        Body: randomBytes(10),
        Metadata: { etag, sha256 },
      }),
    )
    const damaged = readAll(await openFound(objects, KEY))
    await expect(damaged).rejects.toThrow(`the kept copy of ${KEY} is damaged`)
    expect(same(await readAll(await openFound(objects, KEY)), bytes)).toBe(true)
    expect(troubles).toEqual([])
  })
})

describe('two datasets over the same objects that are asked for together', () => {
  it('fetch the bytes of each object once', async () => {
    const day = servers.nextDay()
    for (const hour of [0, 1, 2, 3, 4, 5]) {
      const at = hourOf(day, hour)
      await archive.putBooks('BTC', at, books({ coin: 'BTC', hour: at, count: 20 }))
    }
    await using wire = await openArchiveWire(servers.s3.endpoint)
    await using backtide = await openBacktide(servers)
    const scratch = openScratch(1e9)
    const scope = { coins: ['BTC'], from: `${day}T00:00:00Z`, to: `${day}T06:00:00Z` }
    const ids = [
      await backtide.start({ dataset: 'hyperliquid.l2_book', ...scope }),
      await backtide.start({ dataset: 'hyperliquid.l2_snapshot', ...scope }),
    ]
    await using worker = await startWorker(
      { ...servers, s3: { ...servers.s3, endpoint: wire.url } },
      { scratch },
    )
    expect(worker).toBeDefined()
    for (const id of ids) {
      const { state, counts } = await backtide.ended(id)
      expect({ state, counts }).toEqual({ state: 'complete', counts: { complete: 6 } })
    }
    const gets = wire.asked.filter(({ path }) => /l2Book\/BTC\.lz4(?:\?x-id=|$)/.test(path))
    const bytes = gets.filter(({ ifNoneMatch }) => ifNoneMatch === undefined)
    expect(gets).toHaveLength(12)
    expect(bytes).toHaveLength(6)
    scratch.remove()
  })
})

describe('a bucket of captures', () => {
  it('has what was uploaded before the local file goes, and never two of one name', async () => {
    const { endpoint, region } = servers.s3
    const place = { bucket: BUCKET, region, prefix: CAPTURES }
    const bucket = createCaptureBucket(place, { endpoint })
    const root = await mkdtemp(join(tmpdir(), 'backtide-captures-'))
    const other = Buffer.from('another')
    await archive.put(`${CAPTURES}2.lz4`, other)
    const bytes = randomBytes(1024 * 1024)
    await writeFile(join(root, '1.lz4'), bytes)
    await writeFile(join(root, '2.lz4'), bytes)
    const troubles: string[] = []
    const onTrouble = (message: string) => void troubles.push(message)
    const uploader = startUploader({ root, bucket, keepLocal: false, onTrouble })
    try {
      await waitUntil('the trouble', () => troubles.length > 0)
      expect(await readdir(root)).toEqual(['2.lz4'])
      expect(troubles).toEqual([expect.stringContaining('The bucket has another 2.lz4')])
      expect(await bucket.find('1.lz4')).toMatchObject({ size: bytes.length })
      const file = { path: join(root, '2.lz4'), size: bytes.length, sha256: hashOf(bytes) }
      await expect(bucket.put('2.lz4', file)).rejects.toThrow()
      expect(await bucket.find('2.lz4')).toMatchObject({ size: other.length })
    } finally {
      await uploader.stop()
      await rm(root, { recursive: true })
    }
  })
})

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
