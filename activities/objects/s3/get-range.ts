import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3'
import { Readable } from 'node:stream'
import type { Condition, GetRange, RangeAnswer } from '../reading/ranged-archive.ts'
import { charge, type S3Place } from './client.ts'
import { readRefusal, statusOf } from './refusal.ts'

/**
 * Gets ranges of the objects of one bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function createGetRange(client: S3Client, place: S3Place): GetRange {
  return async ({ key, range, condition, signal, account }) => {
    const command = new GetObjectCommand({
      Bucket: place.bucket,
      Key: (place.prefix ?? '') + key,
      ...headersOf(condition),
      ...(range ? { Range: `bytes=${range.from}-${range.to - 1}` } : {}),
      ...(place.requesterPays ? { RequestPayer: 'requester' } : {}),
    })
    if (account) charge(command, account, 'get')
    try {
      const answer = readAnswer(await client.send(command, { abortSignal: signal }))
      account?.answer(answer.to - answer.from)
      return answer
    } catch (error) {
      signal.throwIfAborted()
      if (statusOf(error) === 416) return { state: 'beyond' }
      return readRefusal(place.bucket, key, error)
    }
  }
}

function headersOf(condition: Condition | undefined) {
  if (!condition) return {}
  if ('unlessEtag' in condition) return { IfNoneMatch: condition.unlessEtag }
  const { etag, lastModified } = condition.sameAs
  if (etag) return { IfMatch: etag }
  return lastModified ? { IfUnmodifiedSince: lastModified } : {}
}

function readAnswer(answer: GetObjectCommandOutput): RangeAnswer {
  return {
    state: 'bytes',
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
