import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { createS3Client, type S3Options } from '@backtide/activities/objects/s3/client'
import { statusOf } from '@backtide/activities/objects/s3/refusal'
import type { CaptureBucket } from '@backtide/collector/capture/uploader'
import { createReadStream } from 'node:fs'

/** Where captures go. */
export interface CapturePlace {
  readonly bucket: string
  readonly region: string
  /** Goes before every key; ends with a slash. */
  readonly prefix: string
}

/** The answer to an upload comes when all of it was sent. Milliseconds. */
const PATIENT = { connectMs: 10_000, answerMs: 600_000 }

/**
 * Captures in a bucket of S3. The server checks what it is sent against the SHA-256, and says in a HEAD
 * what it has; an object without that checksum was not put by us, and equals nothing.
 */
export function createCaptureBucket(place: CapturePlace, options: S3Options = {}): CaptureBucket {
  const client = createS3Client(
    { ...place, requesterPays: false },
    { ...options, timeouts: PATIENT },
  )
  const target = (key: string) => ({ Bucket: place.bucket, Key: place.prefix + key })
  return {
    async find(key) {
      const command = new HeadObjectCommand({ ...target(key), ChecksumMode: 'ENABLED' })
      const head = await client.send(command).catch((error: unknown) => {
        if (statusOf(error) !== 404) throw error
        return undefined
      })
      if (head?.ContentLength === undefined) return undefined
      const checksum = Buffer.from(head.ChecksumSHA256 ?? '', 'base64')
      return { size: head.ContentLength, sha256: checksum.toString('hex') }
    },
    async put(key, { path, size, sha256 }) {
      const command = new PutObjectCommand({
        ...target(key),
        Body: createReadStream(path),
        ContentLength: size,
        ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
        IfNoneMatch: '*',
      })
      await client.send(command)
    },
  }
}
