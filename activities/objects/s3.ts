import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { Readable } from 'node:stream'
import type { Source } from '@backtide/datasets/dataset'
import { AccessDeniedError, BadSourceError, SourceUnavailableError } from './errors.ts'
import type { Access, FoundObject, ObjectStore, OpenedObject, OpenOptions } from './object-store.ts'

/** How to reach S3; credentials come from the SDK's own chain. */
export interface S3Options {
  /** Another endpoint than AWS's, addressed path-style. */
  readonly endpoint?: string
  /** Overrides the region of the dataset's bucket, for an endpoint of another region. */
  readonly region?: string
}

/** Object store over one bucket. Every request carries the requester-pays header where it must. */
export function createS3ObjectStore(source: Source, options: S3Options = {}): ObjectStore {
  const client = createClient(source, options)
  const payer = source.requesterPays ? ({ RequestPayer: 'requester' } as const) : {}
  const { bucket } = source

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
  async function open(key: string, { unlessEtag, signal }: OpenOptions): Promise<OpenedObject> {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...payer,
      ...(unlessEtag ? { IfNoneMatch: unlessEtag } : {}),
    })
    try {
      return found(key, await client.send(command, signal ? { abortSignal: signal } : {}))
    } catch (error) {
      signal?.throwIfAborted()
      return readOpenError(bucket, key, error)
    }
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
  async function mayList(prefix: string, signal?: AbortSignal): Promise<boolean> {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      MaxKeys: 1,
      ...payer,
    })
    try {
      await client.send(command, signal ? { abortSignal: signal } : {})
      return true
    } catch (error) {
      signal?.throwIfAborted()
      if (readOpenError(bucket, prefix, error).state === 'forbidden') return false
      throw new BadSourceError(bucket, 'there is no bucket of that name', { cause: error })
    }
  }

  async function checkAccess(keys: readonly string[], signal?: AbortSignal): Promise<Access> {
    if (await mayList(keys[0] ?? '', signal)) return { forbiddenMeans: 'denied' }
    for (const key of keys) {
      const opened = await open(key, signal ? { signal } : {})
      if (opened.state === 'found') opened.close()
      // Without the right to list, S3 hides absent keys behind 403, so a 404 proves nothing less.
      if (opened.state !== 'forbidden') return { forbiddenMeans: 'missing' }
    }
    throw new AccessDeniedError(
      bucket,
      `neither listing nor any of ${keys.length} objects tried is allowed; ` +
        'check the credentials and that they may make requester-pays requests',
    )
  }

  return { open, checkAccess }
}

function createClient(source: Source, { endpoint, region }: S3Options): S3Client {
  return new S3Client({
    region: region ?? source.region,
    followRegionRedirects: true,
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    maxAttempts: 3,
    requestHandler: {
      httpsAgent: { maxSockets: MAX_SOCKETS },
      httpAgent: { maxSockets: MAX_SOCKETS },
    },
    // Backtide checks lengths and frames itself; SDK checksums would hide ranges and cost a pass.
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
}

function found(key: string, answer: GetObjectCommandOutput): FoundObject {
  const size = answer.ContentLength ?? 0
  const body = answer.Body as Readable | undefined
  return {
    state: 'found',
    etag: (answer.ETag ?? '').replaceAll('"', ''),
    size,
    body: checkedBody(key, body, size),
    close: () => body?.destroy(),
  }
}

async function* checkedBody(
  key: string,
  body: Readable | undefined,
  size: number,
): AsyncGenerator<Uint8Array> {
  let arrived = 0
  try {
    for await (const bytes of body ?? []) {
      arrived += bytes.byteLength
      yield bytes
    }
  } catch (error) {
    throw new SourceUnavailableError(`${key} broke off after ${arrived} of ${size} bytes`, {
      cause: error,
    })
  }
  if (arrived !== size) {
    throw new SourceUnavailableError(`${key} ended after ${arrived} of ${size} bytes`)
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
function readOpenError(bucket: string, key: string, error: unknown): OpenedObject {
  const { name, message, status } = describe(error)
  if (name === 'NoSuchBucket') {
    throw new BadSourceError(bucket, 'there is no bucket of that name', { cause: error })
  }
  if (status === 304) return { state: 'unchanged' }
  if (status === 404) return { state: 'absent' }
  if (PASSING.has(name)) throw unavailable(key, name, message, error)
  if (BAD_CREDENTIALS.has(name)) throw new AccessDeniedError(bucket, `${name}: ${message}`)
  if (status === 403) return { state: 'forbidden' }
  if (status !== undefined && status >= 400 && status < 500) {
    throw new BadSourceError(bucket, `${status} ${name}: ${message}`, { cause: error })
  }
  throw unavailable(key, name, message, error)
}

function unavailable(key: string, name: string, message: string, cause: unknown): Error {
  return new SourceUnavailableError(`${key} cannot be fetched now: ${name}: ${message}`, { cause })
}

function describe(error: unknown): { name: string; message: string; status: number | undefined } {
  const { name, message, $metadata } = error as Partial<SdkError>
  return { name: name ?? 'Error', message: message ?? '', status: $metadata?.httpStatusCode }
}

/** Sockets to one endpoint: a partition of many coins keeps one open for each object. */
const MAX_SOCKETS = 512

const BAD_CREDENTIALS = new Set([
  'AccountProblem',
  'CredentialsProviderError',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
  'NotSignedUp',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
])

/** 4xx answers that pass by themselves. */
const PASSING = new Set(['RequestTimeout', 'RequestTimeTooSkewed', 'SlowDown', 'TooManyRequests'])

interface SdkError {
  readonly name: string
  readonly message: string
  readonly $metadata: { readonly httpStatusCode?: number }
}
