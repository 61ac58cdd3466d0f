import { once } from 'node:events'
import { AccessDeniedError, BadSourceError } from '../errors.ts'
import type { OpenedObject, OpenOptions } from '../object-store.ts'
import type { Doubtful, RangedArchive } from './ranged-archive.ts'
import type { Proof, WitnessProbe } from './witness-probe.ts'

/** What an answer says that may be about one object or about the whole archive. */
export type Verdict = (key: string, answer: Doubtful, options: OpenOptions) => Promise<OpenedObject>

/**
 * Reads refusals of an archive. S3 answers 403 for an absent key where the bucket may not be listed,
 * and the same 403 for every key once access is revoked: so an object is `absent` only while another
 * one can be read, and what cannot be told apart is an error. Otherwise objects that are there would be
 * recorded as missing for good. Where there is no listing at all, absent keys are not hidden so.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Permissions)
 */
export function createVerdict(
  archive: Omit<RangedArchive, 'get'>,
  probe: Pick<WitnessProbe, 'probe'>,
): Verdict {
  const { name, listing, remedies } = archive
  return async (key, answer, { signal, witnesses, account }) => {
    const { state, reason } = answer
    const proof = await unlessAborted(probe.probe({ key, witnesses, account }), signal)
    if (proof.state === 'unproven' && proof.refused.length > 0) {
      throw allRefused(archive, key, answer, proof)
    }
    const listed = listing && (await unlessAborted(listing.recent(key, { account }), signal))
    if (proof.state === 'readable' || listed) {
      if (state === 'denied' && listed === false) return { state: 'absent' }
      return { state: 'refused', reason: refusedAlone(answer, listed) }
    }
    if (state === 'rejected') throw new BadSourceError(name, reason)
    throw new AccessDeniedError(name, `${key} is forbidden (${reason}), ${remedies.unproven}`)
  }
}

function refusedAlone({ state, reason }: Doubtful, listed: boolean | undefined): string {
  return state === 'denied' && listed
    ? `it is forbidden although the bucket may be listed (${reason})`
    : `the archive refuses this object alone (${reason})`
}

function allRefused(
  { name, remedies }: Pick<RangedArchive, 'name' | 'remedies'>,
  key: string,
  { state, reason }: Doubtful,
  { refused }: Extract<Proof, { state: 'unproven' }>,
): Error {
  const others = refused.length === 1 ? refused[0] : `${refused.length} others, like ${refused[0]}`
  const why = `${key} is refused (${reason}), and now also ${others}, which should be readable`
  if (state === 'rejected') return new BadSourceError(name, why)
  return new AccessDeniedError(name, `${why}: ${remedies.revoked}`)
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
