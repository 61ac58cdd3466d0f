import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import type { Source } from '@backtide/datasets/dataset'
import { AccessDeniedError, BadSourceError } from './errors.ts'
import type { Access, ObjectStore } from './object-store.ts'
import { readRefusal } from './s3-refusal.ts'

export interface AccessContext {
  readonly client: S3Client
  readonly source: Source
  readonly open: ObjectStore['open']
}

/**
 * Finds out whether a bucket may be read, and how a 403 on one key is to be read; `keys` are some
 * objects of the request.
 * @throws AccessDeniedError, BadSourceError, SourceUnavailableError
 */
export async function checkS3Access(
  context: AccessContext,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<Access> {
  if (await mayList(context, keys[0] ?? '', signal)) return { forbiddenMeans: 'denied' }
  for (const key of keys) {
    const opened = await context.open(key, signal ? { signal } : {})
    if (opened.state === 'found') opened.close()
    // Without the right to list, S3 hides absent keys behind 403, so a 404 proves nothing less.
    if (opened.state !== 'forbidden') return { forbiddenMeans: 'missing' }
  }
  throw new AccessDeniedError(
    context.source.bucket,
    `neither listing nor any of ${keys.length} objects tried is allowed; ` +
      'check the credentials and that they may make requester-pays requests',
  )
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
async function mayList(
  { client, source: { bucket, requesterPays } }: AccessContext,
  prefix: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: prefix,
    MaxKeys: 1,
    ...(requesterPays ? { RequestPayer: 'requester' } : {}),
  })
  try {
    await client.send(command, signal ? { abortSignal: signal } : {})
    return true
  } catch (error) {
    signal?.throwIfAborted()
    if (readRefusal(bucket, prefix, error).state === 'forbidden') return false
    throw new BadSourceError(bucket, 'there is no bucket of that name', { cause: error })
  }
}
