import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { BadSourceError } from '../errors.ts'
import type { ListingCheck } from '../reading/ranged-archive.ts'
import type { S3Place } from './client.ts'
import { nameOf, readRefusal } from './refusal.ts'

/** An answer is believed for this long, in milliseconds. */
const BELIEVED_MS = 60_000

/** Creates the check of one bucket; `now` is in milliseconds. */
export function createListingCheck(
  client: Pick<S3Client, 'send'>,
  place: S3Place,
  now: () => number = () => performance.now(),
): ListingCheck {
  let last: { readonly at: number; readonly answer: Promise<boolean> } | undefined
  const ask = async (prefix: string) => {
    const asked = { at: now(), answer: list(client, place, prefix, 1).then(Boolean) }
    last = asked
    return await asked.answer.catch((error: unknown) => {
      if (last === asked) last = undefined
      throw error
    })
  }
  const isRecent = () => last !== undefined && now() - last.at < BELIEVED_MS
  return {
    ask,
    recent: async (prefix) => (isRecent() && last ? await last.answer : await ask(prefix)),
    keys: async (prefix) => {
      const answer = await list(client, place, prefix, MOST_KEYS)
      if (!answer || answer.IsTruncated) return undefined
      const start = place.prefix?.length ?? 0
      return (answer.Contents ?? []).map(({ Key = '' }) => Key.slice(start))
    },
  }
}

/** As many as S3 puts into one answer. */
const MOST_KEYS = 1_000

/**
 * The answer, undefined when listing is not allowed.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
async function list(
  client: Pick<S3Client, 'send'>,
  place: S3Place,
  prefix: string,
  most: number,
): Promise<ListObjectsV2CommandOutput | undefined> {
  const { bucket, requesterPays } = place
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: (place.prefix ?? '') + prefix,
    MaxKeys: most,
    ...(requesterPays ? { RequestPayer: 'requester' } : {}),
  })
  try {
    return await client.send(command)
  } catch (error) {
    const refusal = readRefusal(bucket, prefix, error)
    if (refusal.state === 'denied') return undefined
    const why = 'reason' in refusal ? refusal.reason : 'there is no bucket of that name'
    throw new BadSourceError(nameOf(bucket), why, { cause: error })
  }
}
