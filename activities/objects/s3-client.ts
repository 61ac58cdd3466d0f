import { S3Client } from '@aws-sdk/client-s3'
import type { S3Source } from '@backtide/datasets/dataset'
import { isThrottling } from './s3-refusal.ts'

/** How to reach S3. */
export interface S3ClientOptions {
  /** Another endpoint than AWS's, addressed path-style. */
  readonly endpoint?: string
  /** Overrides the region of the dataset's bucket, for an endpoint of another region. */
  readonly region?: string
  /** Told of every answer that asks for fewer requests, also of those that are tried again. */
  readonly onThrottle?: () => void
  readonly timeouts: Timeouts
}

/** How long S3 may be silent, in milliseconds. */
export interface Timeouts {
  /** Until a connection stands, waiting for a free socket included. */
  readonly connectMs: number
  /** From the request to the first byte of the answer. */
  readonly answerMs: number
  /** Between two pieces of a body, while its reader waits. */
  readonly stallMs: number
}

/**
 * S3 client for reading many objects at once. Retries are the SDK's `standard` mode: `adaptive`
 * holds back every request of the client after a single SlowDown, which is the flow controller's to
 * decide. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function createS3Client(source: S3Source, options: S3ClientOptions): S3Client {
  const { endpoint, region, onThrottle, timeouts } = options
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: MAX_IDLE_SOCKETS }
  const client = new S3Client({
    region: region ?? source.region,
    followRegionRedirects: true,
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    maxAttempts: 3,
    retryMode: 'standard',
    requestHandler: {
      httpsAgent: agent,
      httpAgent: agent,
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

/**
 * Sockets to one endpoint: every open object holds one, and loads open the next partition while
 * they read this one. Loads that wait for each other's sockets would wait for good, so there are
 * more than the largest loads use together; a request that finds none ends by `connectMs`.
 */
const MAX_SOCKETS = 4096

/** Sockets kept for the next requests. */
const MAX_IDLE_SOCKETS = 256
