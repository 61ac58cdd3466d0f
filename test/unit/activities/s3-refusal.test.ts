import {
  AccessDeniedError,
  BadSourceError,
  SourceUnavailableError,
} from '@backtide/activities/objects/errors'
import { readRefusal } from '@backtide/activities/objects/s3/refusal'
import { describe, expect, it } from 'vitest'

describe('what an answer of S3 says', () => {
  it.each([
    ['NoSuchKey', 404, { state: 'absent' }],
    ['304', 304, { state: 'unchanged' }],
    ['AccessDenied', 403, { state: 'denied', reason: '403 AccessDenied: said S3' }],
    ['KeyTooLongError', 400, { state: 'rejected', reason: '400 KeyTooLongError: said S3' }],
  ])('%s is about the object', (name, status, expected) => {
    expect(read(name, status)).toEqual(expected)
  })

  it.each([
    ['SlowDown', 503],
    ['RequestTimeout', 400],
    ['RequestTimeTooSkewed', 403],
    ['TooManyRequests', 429],
    ['InternalError', 500],
    ['TimeoutError', undefined],
    ['PreconditionFailed', 412],
  ])('%s passes by itself', (name, status) => {
    expect(() => read(name, status)).toThrow(SourceUnavailableError)
  })

  it.each([
    ['ExpiredToken', 400],
    ['InvalidAccessKeyId', 403],
    ['SignatureDoesNotMatch', 403],
  ])('%s is about the credentials', (name, status) => {
    expect(() => read(name, status)).toThrow(AccessDeniedError)
  })

  it('NoSuchBucket is about the bucket', () => {
    expect(() => read('NoSuchBucket', 404)).toThrow(BadSourceError)
  })

  it('credentials that could not be loaded may be there in a moment: that is no denial', () => {
    const found = caught(() => read('CredentialsProviderError', undefined))
    expect(found.message).toBe('no AWS credentials could be loaded: said S3; set AWS_*')
    expect(found.constructor).toBe(Error)
  })
})

function read(name: string, httpStatusCode: number | undefined) {
  const error = Object.assign(new Error('said S3'), { name, $metadata: { httpStatusCode } })
  return readRefusal('bucket', 'key', error)
}

function caught(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}
