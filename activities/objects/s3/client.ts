import { S3Client } from '@aws-sdk/client-s3'
import type { S3Source } from '@backtide/datasets/dataset'
import type { Account } from '../object-store.ts'
import { AGENT, TIMEOUTS, type ReadOptions } from '../reading/ranged-store.ts'
import { isThrottling } from './refusal.ts'

/** Where objects are. */
export interface S3Place extends Pick<S3Source, 'bucket' | 'region' | 'requesterPays'> {
  /** Goes before every key. */
  readonly prefix?: string
}

/** Who reads. */
export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** How to reach and to read S3. */
export interface S3Options extends ReadOptions {
  /** Without them the SDK's own chain finds some. */
  readonly credentials?: S3Credentials
  /** Another endpoint than AWS's, addressed path-style. */
  readonly endpoint?: string
}

/**
 * S3 client for reading many objects at once. Retries are the SDK's `standard` mode: `adaptive`
 * holds back every request of the client after a single SlowDown, which is the flow controller's to
 * decide. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function createS3Client({ region }: S3Place, options: S3Options): S3Client {
  const { endpoint, credentials, onThrottle } = options
  const timeouts = { ...TIMEOUTS, ...options.timeouts }
  const client = new S3Client({
    region,
    followRegionRedirects: true,
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    ...(credentials ? { credentials } : {}),
    maxAttempts: 3,
    retryMode: 'standard',
    requestHandler: {
      httpsAgent: AGENT,
      httpAgent: AGENT,
      connectionTimeout: timeouts.connectMs,
      requestTimeout: timeouts.answerMs,
      throwOnRequestTimeout: true,
      // Cannot tell a silent server from a reader that takes its time; see readRange.
      socketTimeout: 0,
    },
    // S3 sends no checksum with a range, and Backtide checks lengths, ETags and frames itself.
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  if (onThrottle) hearThrottling(client, onThrottle)
  return client
}

/** Has each attempt of a command charged before it is made: below the SDK's retries. */
export function charge(
  { middlewareStack }: { readonly middlewareStack: object },
  account: Account,
  kind: Parameters<Account['request']>[0],
): void {
  // Stacks of commands differ in types alone that nothing here looks at.
  const stack = middlewareStack as S3Client['middlewareStack']
  stack.add(
    (next) => async (request) => {
      account.request(kind)
      return await next(request)
    },
    { step: 'deserialize', name: 'charge' },
  )
}

/** Listens below the SDK's retries, so that each attempt is heard. */
function hearThrottling(client: S3Client, onThrottle: () => void): void {
  client.middlewareStack.add(
    (next) => async (request) => {
      try {
        return await next(request)
      } catch (error) {
        if (isThrottling(error)) onThrottle()
        throw error
      }
    },
    { step: 'deserialize', name: 'hearThrottling', priority: 'high' },
  )
}
