import { SourceUnavailableError } from './errors.ts'
import type { EtagChecks } from './etag-check.ts'
import type { Condition, GetRange, RangeAnswer } from './get-range.ts'
import type { FoundObject, OpenOptions } from './object-store.ts'
import { PART_BYTES, readObject, type PartBudget } from './read-object.ts'
import type { AskRange } from './read-range.ts'
import { readRefusal, statusOf, type Refusal } from './s3-refusal.ts'

/** What the objects of one bucket share. */
export interface ObjectContext {
  readonly bucket: string
  readonly get: GetRange
  readonly budget: PartBudget
  readonly etags: EtagChecks
  readonly stallMs: number
}

/**
 * Opens one object, which asks for its first part.
 * @throws SourceUnavailableError, AccessDeniedError, BadSourceError
 */
export async function openS3Object(
  context: ObjectContext,
  key: string,
  { unlessEtag, signal }: OpenOptions,
): Promise<FoundObject | Refusal> {
  const { bucket, get, budget, etags, stallMs } = context
  const closing = new AbortController()
  const reading = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal
  try {
    const condition = unlessEtag ? { IfNoneMatch: unlessEtag } : {}
    const first = await getFirst(get, { key, condition, signal: reading })
    const { etag, size } = first
    const ask = askSameVersion(context, key, first, reading)
    const check = etags.of(key, first)
    const body = readObject({ key, first, ask, check, budget, stallMs, signal: reading })
    return { state: 'found', etag, size, body, close: () => closing.abort() }
  } catch (error) {
    signal?.throwIfAborted()
    return readRefusal(bucket, key, error)
  }
}

/** The first part. S3 has no range of an empty object and answers 416: it is asked for whole. */
async function getFirst(
  get: GetRange,
  request: Omit<Parameters<GetRange>[0], 'range'>,
): Promise<RangeAnswer> {
  try {
    return await get({ ...request, range: { from: 0, to: PART_BYTES } })
  } catch (error) {
    if (statusOf(error) !== 416) throw error
    return await get(request)
  }
}

/** Asks for more of the version that `first` began. */
function askSameVersion(
  { bucket, get }: ObjectContext,
  key: string,
  first: RangeAnswer,
  signal: AbortSignal,
): AskRange {
  const condition = sameAs(first)
  return async (range) => {
    const answer = await get({ key, range, condition, signal }).catch((error: unknown) => {
      signal.throwIfAborted()
      const { state } = readRefusal(bucket, key, error)
      const message = `${key} became ${state} while it was read`
      throw new SourceUnavailableError(message, { cause: error })
    })
    if (answer.from === range.from && answer.size === first.size) return answer.body
    answer.body.destroy()
    throw new SourceUnavailableError(`${key}: other bytes came than were asked for`)
  }
}

/** True of an object as long as it is not replaced. Some archives keep no ETags. */
function sameAs({ etag, lastModified }: RangeAnswer): Condition {
  if (etag) return { IfMatch: etag }
  return lastModified ? { IfUnmodifiedSince: lastModified } : {}
}
