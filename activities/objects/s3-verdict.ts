import { once } from 'node:events'
import { AccessDeniedError, BadSourceError } from './errors.ts'
import type { OpenedObject, OpenOptions } from './object-store.ts'
import type { ListingCheck } from './s3-listing.ts'
import type { Unclear } from './s3-refusal.ts'
import type { Proof, WitnessProbe } from './witness-probe.ts'

export interface VerdictContext {
  readonly bucket: string
  readonly listing: ListingCheck
  readonly probe: Pick<WitnessProbe, 'probe'>
}

/** What an answer says that may be about one object or about the whole bucket. */
export type S3Verdict = (
  key: string,
  answer: { readonly state: Unclear; readonly reason: string },
  options: OpenOptions,
) => Promise<OpenedObject>

/**
 * Reads refusals of a bucket. S3 answers 403 for an absent key where the bucket may not be listed, and
 * the same 403 for every key once access is revoked: so an object is `absent` only while another one
 * can be read, and what cannot be told apart is an error. Otherwise objects that are there would be
 * recorded as missing for good.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Permissions)
 */
export function createS3Verdict({ bucket, listing, probe }: VerdictContext): S3Verdict {
  return async (key, { state, reason }, { signal, witnesses }) => {
    const proof = await unlessAborted(probe.probe({ key, witnesses }), signal)
    if (proof.state === 'unproven' && proof.refused.length > 0) {
      throw bucketRefuses(bucket, key, { state, reason }, proof)
    }
    const listed = await unlessAborted(listing.recent(key), signal)
    if (proof.state === 'readable' || listed) {
      if (state === 'denied' && !listed) return { state: 'absent' }
      return { state: 'refused', reason: refusedAlone(state, reason) }
    }
    if (state === 'rejected') throw new BadSourceError(bucket, reason)
    throw new AccessDeniedError(
      bucket,
      `${key} is forbidden (${reason}), which where listing is forbidden as well also means absent; ` +
        'no object is known whose reading could tell. ' +
        'Allow s3:ListBucket, or first load a range that has objects',
    )
  }
}

function refusedAlone(state: Unclear, reason: string): string {
  return state === 'denied'
    ? `it is forbidden although the bucket may be listed (${reason})`
    : `the archive refuses this object alone (${reason})`
}

function bucketRefuses(
  bucket: string,
  key: string,
  { state, reason }: { readonly state: Unclear; readonly reason: string },
  { refused }: Extract<Proof, { state: 'unproven' }>,
): Error {
  const others = refused.length === 1 ? refused[0] : `${refused.length} others, like ${refused[0]}`
  const why = `${key} is refused (${reason}), and now also ${others}, which should be readable`
  if (state === 'rejected') return new BadSourceError(bucket, why)
  return new AccessDeniedError(bucket, `${why}: check the credentials and the bucket's policy`)
}

/** What others wait for as well goes on; who asked does not wait for it any longer. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work
  signal.throwIfAborted()
  const done = new AbortController()
  const aborted = once(signal, 'abort', { signal: done.signal }).then(
    () => signal.throwIfAborted(),
    () => {},
  )
  try {
    return (await Promise.race([work, aborted])) as T
  } finally {
    done.abort()
  }
}
