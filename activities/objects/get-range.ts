import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3'
import { Readable } from 'node:stream'
import type { S3Source } from '@backtide/datasets/dataset'

/**
 * One GET of an object or of some of its bytes; rejects with what the SDK throws.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export type GetRange = (request: RangeRequest) => Promise<RangeAnswer>

export interface RangeRequest {
  readonly key: string
  /** The whole object when absent. */
  readonly range?: ByteRange
  readonly condition: Condition
  /** Ends the request and also the body of its answer. */
  readonly signal: AbortSignal
}

/** `from <= byte < to` */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

export interface Condition {
  readonly IfMatch?: string
  readonly IfNoneMatch?: string
  readonly IfUnmodifiedSince?: Date
}

/** The bytes that came, which may be fewer than were asked for, and the object they are of. */
export interface RangeAnswer extends ByteRange {
  /** Bytes of the whole object. */
  readonly size: number
  /** Without quotes; empty when the archive keeps none. */
  readonly etag: string
  readonly lastModified: Date | undefined
  /** Encrypted with a key of its own, so that the ETag is no MD5 of the content. */
  readonly ownKey: boolean
  readonly body: Readable
}

/** Gets ranges of the objects of one bucket. */
export function createGetRange(client: S3Client, { bucket, requesterPays }: S3Source): GetRange {
  return async ({ key, range, condition, signal }) => {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...condition,
      ...(range ? { Range: `bytes=${range.from}-${range.to - 1}` } : {}),
      ...(requesterPays ? { RequestPayer: 'requester' } : {}),
    })
    return readAnswer(await client.send(command, { abortSignal: signal }))
  }
}

function readAnswer(answer: GetObjectCommandOutput): RangeAnswer {
  return {
    ...readSpan(answer),
    etag: (answer.ETag ?? '').replaceAll('"', ''),
    lastModified: answer.LastModified,
    ownKey:
      answer.SSECustomerAlgorithm !== undefined ||
      answer.ServerSideEncryption?.startsWith('aws:kms') === true,
    body: (answer.Body as Readable | undefined) ?? Readable.from([]),
  }
}

/** An answer without `Content-Range: bytes 0-9/10` is the whole object. */
function readSpan({ ContentRange = '', ContentLength = 0 }: GetObjectCommandOutput) {
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(ContentRange) ?? []
  if (size === undefined) return { from: 0, to: ContentLength, size: ContentLength }
  return { from: Number(first), to: Number(last) + 1, size: Number(size) }
}
