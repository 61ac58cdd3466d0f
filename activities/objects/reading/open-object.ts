import { SourceUnavailableError } from '../errors.ts'
import type { OpenedObject, OpenOptions } from '../object-store.ts'
import type { ChecksumFiles } from './checksum-files.ts'
import type { EtagChecks } from './etag-check.ts'
import type { GetRange, RangeAnswer, RangeRequest, Refusal } from './ranged-archive.ts'
import { PART_BYTES, readObject, type PartBudget } from './read-object.ts'
import type { AskRange } from './read-range.ts'

/** What the objects of one archive share. */
export interface ObjectContext {
  readonly get: GetRange
  readonly budget: PartBudget
  readonly etags: EtagChecks
  /** Where the archive keeps some. */
  readonly sums?: ChecksumFiles
  readonly stallMs: number
}

/**
 * Opens one object, which asks for its first part.
 * @throws SourceUnavailableError, AccessDeniedError, BadSourceError
 */
export async function openObject(
  context: ObjectContext,
  key: string,
  { unlessEtag, signal, account }: OpenOptions,
): Promise<OpenedObject | Refusal> {
  const { get, budget, etags, sums, stallMs } = context
  const closing = new AbortController()
  const reading = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal
  const close = () => closing.abort()
  const condition = unlessEtag ? { condition: { unlessEtag } } : {}
  const first = await getFirst(get, { key, signal: reading, account, ...condition })
  if (first.state === 'beyond') throw replaced(key)
  if (first.state !== 'bytes') return first
  const reason = await refusalOf(sums, key, first, reading)
  if (reason) {
    close()
    return { state: 'refused', reason }
  }
  const ask = askSameVersion(get, { key, signal: reading, account }, first)
  const checks = [etags.of(key, first) ?? [], sums?.of(key, first, reading) ?? []].flat()
  const body = readObject({ key, first, ask, checks, budget, stallMs, signal: reading })
  return { state: 'found', etag: first.etag, size: first.size, body, close }
}

async function refusalOf(
  sums: ChecksumFiles | undefined,
  key: string,
  first: RangeAnswer,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await sums?.refusalOf(key, first, signal)
  } catch (error) {
    first.body.destroy()
    throw error
  }
}

/** The first part. There is no range of an empty object: it is asked for whole. */
async function getFirst(get: GetRange, request: RangeRequest): ReturnType<GetRange> {
  const first = await get({ ...request, range: { from: 0, to: PART_BYTES } })
  return first.state === 'beyond' ? await get(request) : first
}

/** Asks for more of the version that `first` began. */
function askSameVersion(get: GetRange, request: RangeRequest, first: RangeAnswer): AskRange {
  const { key } = request
  return async (range) => {
    const answer = await get({ ...request, range, condition: { sameAs: first } })
    if (answer.state === 'beyond') throw replaced(key)
    if (answer.state !== 'bytes') {
      throw new SourceUnavailableError(`${key} became ${answer.state} while it was read`)
    }
    if (answer.from === range.from && isSame(answer, first)) return answer.body
    answer.body.destroy()
    if (!isSame(answer, first)) throw replaced(key)
    throw new SourceUnavailableError(`${key}: other bytes came than were asked for`)
  }
}

/** Whether both are of one version, as far as the archive says. */
function isSame(one: RangeAnswer, other: RangeAnswer): boolean {
  if (one.size !== other.size) return false
  if (one.etag || other.etag) return one.etag === other.etag
  return one.lastModified?.getTime() === other.lastModified?.getTime()
}

function replaced(key: string): Error {
  return new SourceUnavailableError(`${key} was replaced while it was read`)
}
