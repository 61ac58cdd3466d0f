import { HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { compareClocks, type Finding } from '@backtide/core/finding'
import { createS3Client, type S3Options, type S3Place } from './client.ts'
import { statusOf } from './refusal.ts'

/** A key that no archive has. */
const NOBODYS = 'backtide-doctor/there-is-no-such-object'

/**
 * What reading a bucket would come to, without reading an object: one LIST and at most one HEAD, which
 * requester-pays buckets charge ($0.00001 together).
 */
export async function examineBucket(
  place: S3Place,
  options: S3Options,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { bucket, requesterPays } = place
  const check = `bucket ${bucket}`
  const before = Date.now()
  const reached = await fetch(addressOf(place, options), {
    method: 'HEAD',
    redirect: 'manual',
    signal,
  })
  const clock = clockOf(reached, `clock of S3`, before)
  const client = createS3Client(place, {
    ...options,
    timeouts: { connectMs: 2_000, answerMs: 3_000 },
  })
  try {
    const pays = requesterPays ? '; requester pays: you pay AWS for what is read' : ''
    const access = await describeAccess(client, place, signal)
    const findings = [{ check, ...access, detail: `${access.detail}${pays}` }]
    return [...findings, ...regionOf(reached, place), ...(clock ? [clock] : [])]
  } finally {
    client.destroy()
  }
}

function addressOf({ bucket, region }: S3Place, { endpoint }: S3Options): string {
  return endpoint
    ? `${endpoint.replace(/\/$/, '')}/${bucket}`
    : `https://${bucket}.s3.${region}.amazonaws.com/`
}

/** S3 names the region to whoever asks. */
function regionOf({ headers }: Response, { bucket, region }: S3Place): readonly Finding[] {
  const actual = headers.get('x-amz-bucket-region')
  if (actual === null || actual === region) return []
  const detail = `${bucket} is in ${actual}, not in ${region}: requests are redirected`
  return [
    { check: 'region', state: 'warning', detail, fix: 'update Backtide, or tell its authors' },
  ]
}

function clockOf({ headers }: Response, check: string, before: number): Finding | undefined {
  const theirs = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(theirs)) return undefined
  // A date is the beginning of its second.
  return compareClocks(check, { theirs: theirs + 500, before, after: Date.now() })
}

type Access = Pick<Finding, 'state' | 'detail' | 'fix'>

async function describeAccess(
  client: S3Client,
  { bucket, prefix = '', requesterPays }: S3Place,
  abortSignal: AbortSignal,
): Promise<Access> {
  const payer = requesterPays ? { RequestPayer: 'requester' as const } : {}
  try {
    await client.config.credentials()
  } catch {
    const fix = 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, for the worker'
    return { state: 'warning', detail: 'the worker has no AWS credentials', fix }
  }
  try {
    const list = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1, ...payer })
    await client.send(list, { abortSignal })
    return { state: 'ok', detail: 'may be read and listed; an absent object is told by 404' }
  } catch (error) {
    if (statusOf(error) !== 403 || !isForbidden(error)) return refused(error)
  }
  try {
    const head = new HeadObjectCommand({ Bucket: bucket, Key: prefix + NOBODYS, ...payer })
    await client.send(head, { abortSignal })
  } catch (error) {
    if (statusOf(error) === 404) return { state: 'ok', detail: 'may be read, not listed' }
    if (statusOf(error) !== 403) return refused(error)
  }
  return {
    state: 'warning',
    detail:
      'may not be listed, so 403 is what an absent object and a forbidden one both read as: an object ' +
      'counts as missing only while another one can be read',
    fix: `allow s3:ListBucket on ${bucket}, or check that the key may make requester-pays requests`,
  }
}

/** Refused for want of a permission, not for a key that is wrong. */
function isForbidden(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AccessDenied' || error.name === '403')
}

function refused(error: unknown): Access {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (name === 'NoSuchBucket') {
    const fix = 'check AWS_ENDPOINT_URL_S3: the archives are at AWS'
    return { state: 'warning', detail: 'there is no bucket of that name where S3 is', fix }
  }
  const fix = FIXES[name] ?? 'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the worker'
  return { state: 'warning', detail: `${name}: ${message}`, fix }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
const FIXES: Readonly<Record<string, string>> = {
  ExpiredToken: 'the session of the credentials has ended: log in again, or use a key that lasts',
  RequestTimeTooSkewed: 'set the clock of the worker by NTP',
  InvalidAccessKeyId: 'AWS does not know AWS_ACCESS_KEY_ID: check it, and AWS_ENDPOINT_URL_S3',
  SignatureDoesNotMatch: 'AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID',
}
