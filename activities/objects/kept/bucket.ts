import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { SourceUnavailableError } from '../errors.ts'
import type { ObjectStore } from '../object-store.ts'
import { createS3Client, type S3Options } from '../s3/client.ts'
import { statusOf } from '../s3/refusal.ts'
import { createS3ObjectStore } from '../s3/s3-store.ts'
import { assertInside, type KeptObjects } from './kept-objects.ts'

export interface BucketPlace {
  readonly bucket: string
  readonly region: string
  /** Goes before every key; ends with a slash. */
  readonly prefix: string
}

/**
 * Keeps objects in a bucket, with the ETag of the archive and their SHA-256 as metadata. A copy is put
 * in one request, so that it is whole or not there.
 */
export function createKeptBucket(bucketPlace: BucketPlace, options: S3Options = {}): KeptObjects {
  const place = { ...bucketPlace, requesterPays: false }
  const client = createS3Client(place, { ...options, timeouts: QUICK })
  const uploads = createS3Client(place, { ...options, timeouts: PATIENT })
  const objects = createS3ObjectStore(place, options)
  let underWay = 0
  const target = (key: string) => {
    assertInside(key)
    return { Bucket: place.bucket, Key: place.prefix + key }
  }
  return {
    find: async (key) => {
      const head = await client.send(new HeadObjectCommand(target(key))).catch(noneIfAbsent)
      const { etag, sha256 } = head?.Metadata ?? {}
      const size = head?.ContentLength
      if (etag === undefined || sha256 === undefined || size === undefined) return undefined
      return { etag, sha256, size, read: (signal) => readCopy(objects, key, signal) }
    },
    put: async (key, { file, etag, size, sha256 }) => {
      if (underWay === MOST_UPLOADS) throw new Error('the bucket is slower than the archive')
      const command = new PutObjectCommand({
        ...target(key),
        Body: createReadStream(file),
        ContentLength: size,
        ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
        Metadata: { etag, sha256 },
      })
      underWay += 1
      await uploads.send(command).finally(() => (underWay -= 1))
      await rm(file, { force: true })
    },
    remove: async (key) => {
      await client.send(new DeleteObjectCommand(target(key)))
    },
  }
}

/** Loads wait for it: rather they fetch the object than know whether it is kept. Milliseconds. */
const QUICK = { connectMs: 2_000, answerMs: 5_000 }

/** The answer to an upload comes when all of it was sent. Milliseconds. */
const PATIENT = { connectMs: 10_000, answerMs: 600_000 }

/** Copies at once that wait in files of their own. */
const MOST_UPLOADS = 32

/** Where nothing may be listed, 403 is what absent keys answer. */
function noneIfAbsent(error: unknown): undefined {
  const status = statusOf(error)
  if (status !== 404 && status !== 403) throw error
}

async function* readCopy(
  objects: ObjectStore,
  key: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const opened = await objects.open(key, { signal })
  if (opened.state !== 'found') {
    throw new SourceUnavailableError(`the kept copy of ${key} became ${opened.state}`)
  }
  try {
    yield* opened.body
  } finally {
    opened.close()
  }
}
