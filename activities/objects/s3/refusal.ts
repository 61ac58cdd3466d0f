import { AccessDeniedError, BadSourceError, SourceUnavailableError } from '../errors.ts'
import type { Refusal } from '../reading/ranged-archive.ts'

/**
 * What an error of a GET or LIST says about the object, when it says something.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
 * @throws SourceUnavailableError, AccessDeniedError, BadSourceError for what concerns no object
 * @throws Error when there are no credentials, which may be so for a moment only
 */
export function readRefusal(bucket: string, key: string, error: unknown): Refusal {
  const { name, message, status } = describe(error)
  if (name === 'NoSuchBucket') {
    throw new BadSourceError(nameOf(bucket), 'there is no bucket of that name', { cause: error })
  }
  if (status === 304) return { state: 'unchanged' }
  if (status === 404) return { state: 'absent' }
  // A range of it was asked for, on the condition that it is what it was.
  if (status === 412 || status === 416) {
    throw new SourceUnavailableError(`${key} was replaced while it was read`, { cause: error })
  }
  if (PASSING.has(name) || status === 429) throw unavailable(key, name, message, error)
  if (BAD_CREDENTIALS.has(name)) throw new AccessDeniedError(nameOf(bucket), `${name}: ${message}`)
  if (name === NO_CREDENTIALS) {
    throw new Error(`no AWS credentials could be loaded: ${message}; set AWS_*`, { cause: error })
  }
  const reason = `${status} ${name}: ${message}`
  if (status === 403) return { state: 'denied', reason }
  if (status !== undefined && status >= 400 && status < 500) return { state: 'rejected', reason }
  throw unavailable(key, name, message, error)
}

/** What errors call a bucket. */
export function nameOf(bucket: string): string {
  return `Bucket ${bucket}`
}

/** True for an answer that asks for fewer requests. */
export function isThrottling(error: unknown): boolean {
  const { name, status } = describe(error)
  return name === 'SlowDown' || status === 503 || status === 429
}

/** HTTP status of an error answer; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return describe(error).status
}

function unavailable(key: string, name: string, message: string, cause: unknown): Error {
  return new SourceUnavailableError(`${key} cannot be fetched now: ${name}: ${message}`, { cause })
}

function describe(error: unknown): { name: string; message: string; status: number | undefined } {
  const { name, message, $metadata } = error as Partial<SdkError>
  return { name: name ?? 'Error', message: message ?? '', status: $metadata?.httpStatusCode }
}

const BAD_CREDENTIALS = new Set([
  'AccountProblem',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
  'NotSignedUp',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
])

/** The SDK found no credentials: none are configured, or the metadata service fails for a moment. */
const NO_CREDENTIALS = 'CredentialsProviderError'

/** 4xx answers that pass by themselves. */
const PASSING = new Set(['RequestTimeout', 'RequestTimeTooSkewed', 'SlowDown', 'TooManyRequests'])

interface SdkError {
  readonly name: string
  readonly message: string
  readonly $metadata: { readonly httpStatusCode?: number }
}
