import { PutObjectCommand } from '@aws-sdk/client-s3'
import { SAMPLE_BUCKET } from '@backtide/datasets/sample/archive'
import { createClient, ensureBuckets, type S3Address } from '../servers/s3-client.ts'
import type { SampleObject } from './sample-objects.ts'

/** Puts objects into the sample's bucket of an S3 service, making the bucket if need be; returns how many. */
export async function fillArchive(
  address: S3Address,
  objects: Iterable<SampleObject>,
): Promise<number> {
  const client = createClient(address)
  try {
    await ensureBuckets(client, [SAMPLE_BUCKET])
    let count = 0
    for (const { key: Key, bytes: Body } of objects) {
      await client.send(new PutObjectCommand({ Bucket: SAMPLE_BUCKET, Key, Body }))
      count++
    }
    return count
  } finally {
    client.destroy()
  }
}
