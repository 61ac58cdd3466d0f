import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { BadSourceError } from '../errors.ts'
import type { ListedObject, ListingRequest } from '../object-store.ts'
import type { ListingCheck, Paid } from '../reading/ranged-archive.ts'
import { charge, type S3Place } from './client.ts'
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
  const ask = async (prefix: string, paid: Paid = {}) => {
    const asked = { at: now(), answer: list(client, place, { prefix, ...paid }, 1).then(Boolean) }
    last = asked
    return await asked.answer.catch((error: unknown) => {
      if (last === asked) last = undefined
      throw error
    })
  }
  const isRecent = () => last !== undefined && now() - last.at < BELIEVED_MS
  return {
    ask,
    recent: async (prefix, paid) =>
      isRecent() && last ? await last.answer : await ask(prefix, paid),
    keys: async (prefix, paid = {}) => {
      const answer = await list(client, place, { prefix, ...paid })
      if (!answer || answer.IsTruncated) return undefined
      return objectsIn(answer, place).map(({ key }) => key)
    },
    page: async (request) => {
      const answer = await list(client, place, request)
      return answer && { objects: objectsIn(answer, place), isLast: !answer.IsTruncated }
    },
  }
}

/** As many as S3 puts into one answer. */
const MOST_KEYS = 1_000

function objectsIn(
  { Contents = [] }: ListObjectsV2CommandOutput,
  { prefix = '' }: S3Place,
): readonly ListedObject[] {
  return Contents.map(({ Key = '', ETag = '', Size = 0 }) => ({
    key: Key.slice(prefix.length),
    etag: ETag.replaceAll('"', ''),
    size: Size,
  }))
}

/**
 * The answer, undefined when listing is not allowed.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
async function list(
  client: Pick<S3Client, 'send'>,
  place: S3Place,
  { prefix, after, signal, account }: ListingRequest,
  most = MOST_KEYS,
): Promise<ListObjectsV2CommandOutput | undefined> {
  const { bucket, requesterPays, prefix: below = '' } = place
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: below + prefix,
    MaxKeys: most,
    ...(after ? { StartAfter: below + after } : {}),
    ...(requesterPays ? { RequestPayer: 'requester' } : {}),
  })
  if (account) charge(command, account, 'list')
  try {
    return await client.send(command, signal ? { abortSignal: signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    const refusal = readRefusal(bucket, prefix, error)
    if (refusal.state === 'denied') return undefined
    const why = 'reason' in refusal ? refusal.reason : 'there is no bucket of that name'
    throw new BadSourceError(nameOf(bucket), why, { cause: error })
  }
}
