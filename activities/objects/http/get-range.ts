import type { IncomingMessage } from 'node:http'
import { BadSourceError, SourceUnavailableError } from '../errors.ts'
import type {
  ByteRange,
  Condition,
  GetRange,
  RangeAnswer,
  Refusal,
} from '../reading/ranged-archive.ts'
import { discard, type SendGet } from './request.ts'

/**
 * Gets ranges of files below a URL. https://www.rfc-editor.org/rfc/rfc9110
 */
export function createGetRange(base: URL, send: SendGet): GetRange {
  return async ({ key, range, condition, signal }) => {
    const url = urlOf(base, key)
    const headers = headersOf(range, condition)
    const answer = await send({ url, headers, signal }).catch((error: unknown) => {
      signal.throwIfAborted()
      throw error
    })
    const read = readAnswer(key, answer)
    if (read.state !== 'bytes') discard(answer)
    // Some hosts send ranges whatever the condition.
    if (read.state === 'bytes' && isUnchanged(read, condition)) {
      answer.destroy()
      return { state: 'unchanged' }
    }
    return read
  }
}

/** Every segment of the key is one of the path. @throws BadSourceError */
function urlOf(base: URL, key: string): URL {
  const segments = key.split('/')
  if (segments.some((segment) => ['', '.', '..'].includes(segment))) {
    throw new BadSourceError(base.href, `${JSON.stringify(key)} is no path below it`)
  }
  return new URL(segments.map(encodeURIComponent).join('/'), base)
}

function headersOf(range: ByteRange | undefined, condition: Condition | undefined) {
  return {
    'accept-encoding': 'identity',
    'user-agent': 'backtide',
    ...(range ? { range: `bytes=${range.from}-${range.to - 1}` } : {}),
    ...conditionOf(condition),
  }
}

function conditionOf(condition: Condition | undefined): Record<string, string> {
  if (!condition) return {}
  if ('unlessEtag' in condition) return { 'if-none-match': quoted(condition.unlessEtag) }
  const { etag, lastModified } = condition.sameAs
  // A weak ETag, `W/…`, does not say that two versions have the same bytes.
  if (etag && !etag.startsWith('W/')) return { 'if-range': quoted(etag) }
  return lastModified ? { 'if-range': lastModified.toUTCString() } : {}
}

function quoted(etag: string): string {
  return etag.startsWith('W/') ? `W/"${etag.slice(2)}"` : `"${etag}"`
}

function isUnchanged({ etag }: RangeAnswer, condition: Condition | undefined): boolean {
  return condition !== undefined && 'unlessEtag' in condition && condition.unlessEtag === etag
}

/** @throws SourceUnavailableError when the object was replaced */
function readAnswer(key: string, answer: IncomingMessage): Awaited<ReturnType<GetRange>> {
  const { statusCode: status = 0, statusMessage = '' } = answer
  if (status === 200 || status === 206) return readBytes(answer)
  if (status === 304) return { state: 'unchanged' }
  if (status === 404 || status === 410) return { state: 'absent' }
  if (status === 416) return { state: 'beyond' }
  if (status === 412) {
    discard(answer)
    throw new SourceUnavailableError(`${key} was replaced while it was read`)
  }
  const reason = `${status} ${statusMessage}`
  if (FORBIDDEN.has(status)) return { state: 'denied', reason }
  const { location } = answer.headers
  return rejected(location === undefined ? reason : `${reason}, to ${location}`)
}

/** 451: not in this country. */
const FORBIDDEN = new Set([401, 403, 407, 451])

function readBytes(answer: IncomingMessage): RangeAnswer | Refusal {
  const span = readSpan(answer)
  if (!span) return rejected('the host does not say how long it is')
  const { etag = '', 'last-modified': modified } = answer.headers
  return {
    state: 'bytes',
    ...span,
    etag: etag.replaceAll('"', ''),
    lastModified: modified === undefined ? undefined : new Date(modified),
    ownKey: false,
    body: answer,
  }
}

/** `Content-Range: bytes 0-9/10`; an answer of status 200 is the whole object. */
function readSpan({ statusCode, headers }: IncomingMessage) {
  if (statusCode === 200) {
    const size = Number(headers['content-length'] ?? Number.NaN)
    return Number.isSafeInteger(size) ? { from: 0, to: size, size } : undefined
  }
  const [, first, last, all] =
    /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '') ?? []
  if (all === undefined) return undefined
  return { from: Number(first), to: Number(last) + 1, size: Number(all) }
}

function rejected(reason: string): Refusal {
  return { state: 'rejected', reason }
}
