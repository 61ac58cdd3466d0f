import { AccessDeniedError } from './errors.ts'
import type { FoundObject, OpenOptions } from './object-store.ts'
import type { ListingCheck } from './s3-listing.ts'
import type { Refusal } from './s3-refusal.ts'

export interface AccessContext {
  readonly bucket: string
  readonly listing: ListingCheck
  readonly open: (key: string, options: OpenOptions) => Promise<FoundObject | Refusal>
}

/**
 * Finds out whether a bucket may be read; `keys` are some objects of the request.
 * @throws AccessDeniedError, BadSourceError, SourceUnavailableError
 */
export async function checkS3Access(
  { bucket, listing, open }: AccessContext,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const listed = await listing.ask(keys[0] ?? '')
  signal?.throwIfAborted()
  if (listed) return
  for (const key of keys) {
    const opened = await open(key, signal ? { signal } : {})
    if (opened.state === 'found') opened.close()
    // Without the right to list, S3 hides absent keys behind 403, so a 404 proves nothing less.
    if (opened.state !== 'denied') return
  }
  throw new AccessDeniedError(
    bucket,
    `neither listing nor any of ${keys.length} objects tried is allowed; ` +
      'check the credentials and that they may make requester-pays requests',
  )
}
