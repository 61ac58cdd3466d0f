import {
  CreateBucketCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  NotFound,
  S3Client,
} from '@aws-sdk/client-s3'

/** Where an S3 service is and who we are there. */
export interface S3Address {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A client of one S3 service, with path-style addresses; `destroy` it after use. */
export function createClient(address: S3Address): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey } = address
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    maxAttempts: 1,
  })
}

/** Makes the buckets that are not there. */
export async function ensureBuckets(client: S3Client, buckets: readonly string[]): Promise<void> {
  await client.send(new ListBucketsCommand({}))
  for (const Bucket of buckets) {
    try {
      await client.send(new HeadBucketCommand({ Bucket }))
    } catch (error) {
      if (!(error instanceof NotFound)) throw error
      await client.send(new CreateBucketCommand({ Bucket }))
    }
  }
}
