import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
  type S3Client,
} from '@aws-sdk/client-s3'
import { acquireVersityGw } from '@backtide/stack/acquire/versitygw'
import { startS3, type S3Server } from '@backtide/stack/servers/s3'
import { createClient } from '@backtide/stack/servers/s3-client'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const BUCKET = 'archive'
let server: S3Server
let client: S3Client

beforeAll(async () => {
  server = await startS3({
    binary: await acquireVersityGw({ env: process.env }),
    buckets: [BUCKET],
  })
  client = createClient(server)
}, 600_000)

afterAll(async () => {
  client.destroy()
  await server.stop()
})

describe('the local S3 gateway', () => {
  it('answers 404 NoSuchKey for an absent key', async () => {
    expect(await failureOf(get('absent'))).toEqual({ name: 'NoSuchKey', status: 404 })
  })

  it('answers 403 SignatureDoesNotMatch for a wrong secret', async () => {
    await put('there', 'x')
    const stranger = createClient({ ...server, secretAccessKey: 'wrong-secret' })
    const failure = await failureOf(get('there', {}, stranger))
    stranger.destroy()
    expect(failure).toEqual({ name: 'SignatureDoesNotMatch', status: 403 })
  })

  it('answers 304 while the ETag is the known one, and the new body once it is not', async () => {
    await put('watched', 'one')
    const { ETag } = await get('watched')
    expect(await failureOf(get('watched', { IfNoneMatch: ETag }))).toMatchObject({ status: 304 })
    await put('watched', 'two')
    const changed = await get('watched', { IfNoneMatch: ETag })
    expect(changed.ETag).not.toBe(ETag)
    expect(await changed.Body?.transformToString()).toBe('two')
  })

  it('refuses a GET bound to an ETag that is not there any more', async () => {
    await put('bound', 'one')
    const { ETag } = await get('bound')
    await put('bound', 'two')
    expect(await failureOf(get('bound', { IfMatch: ETag }))).toEqual({
      name: 'PreconditionFailed',
      status: 412,
    })
  })

  it('serves a range of the bytes', async () => {
    await put('ranged', '0123456789')
    const part = await get('ranged', { Range: 'bytes=3-6' })
    expect(part.ContentRange).toBe('bytes 3-6/10')
    expect(await part.Body?.transformToString()).toBe('3456')
  })

  it.each(['BTC', 'kPEPE', '@107', 'xyz:NVDA', 'PURR/USDC', 'a#b', 'ü €', 'a+b%20c'])(
    'keeps the key %s exactly',
    async (coin) => {
      const key = `market_data/20250101/0/l2Book/${coin}.lz4`
      await put(key, coin)
      const object = await get(key)
      expect(await object.Body?.transformToString()).toBe(coin)
      const listed = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: key }))
      expect(listed.Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([
        [key, Buffer.byteLength(coin)],
      ])
    },
  )

  it('keeps an object of no bytes', async () => {
    await put('empty', '')
    expect((await get('empty')).ContentLength).toBe(0)
  })

  it('accepts the header of a requester who pays', async () => {
    await put('paid', 'x')
    const object = await get('paid', { RequestPayer: 'requester' })
    expect(await object.Body?.transformToString()).toBe('x')
  })
})

describe('data of the local S3 gateway', () => {
  it('survives a kill, with its credentials', async ({ onTestFinished }) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'backtide-test-s3-'))
    onTestFinished(() => rmSync(dataDir, { recursive: true }))
    const binary = await acquireVersityGw({ env: process.env })
    const first = await startS3({ binary, dataDir, buckets: [BUCKET] })
    const writer = createClient(first)
    await writer.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'kept', Body: 'kept' }))
    writer.destroy()
    await first.kill()

    await using second = await startS3({ binary, dataDir, port: first.port, buckets: [BUCKET] })
    const reader = createClient(second)
    const object = await get('kept', {}, reader)
    expect(await object.Body?.transformToString()).toBe('kept')
    reader.destroy()
    expect(second.secretAccessKey).toBe(first.secretAccessKey)
  })
})

function put(key: string, body: string) {
  return client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }))
}

type GetExtras = Omit<ConstructorParameters<typeof GetObjectCommand>[0], 'Bucket' | 'Key'>

function get(key: string, extras: GetExtras = {}, by: S3Client = client) {
  return by.send(new GetObjectCommand({ Bucket: BUCKET, Key: key, ...extras }))
}

async function failureOf(request: Promise<unknown>) {
  const error: unknown = await request.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  if (!(error instanceof S3ServiceException)) throw new Error('S3 did not refuse the request')
  return { name: error.name, status: error.$metadata.httpStatusCode }
}
