import { createHash } from 'node:crypto'
import { partitionKey, type Granularity } from '@backtide/core/partition'
import { canonicalRequest, type BackfillRequest } from '@backtide/core/request'

/** What an id may look like; anything else is unknown without asking anybody. */
export const BACKFILL_ID = /^[a-zA-Z0-9._-]{1,200}$/

/** SHA-256 of the resolved request, hexadecimal: equal requests have equal hashes. */
export function requestHash(request: BackfillRequest): string {
  return sha256(canonicalRequest(request))
}

/** Id of a backfill asked for with an idempotency key: of the key alone. */
export function idOfKey(key: string): string {
  return `k-${sha256(key).slice(0, 16)}`
}

/**
 * Next id of a request asked for without a key, readable: `hyperliquid.l2_book.20250101T00.
 * 20250102T00.1a2b3c4d`, then the same with `.2`, `.3`: one more than the highest taken.
 */
export function nextId(
  request: BackfillRequest,
  granularity: Granularity,
  hash: string,
  taken: readonly string[],
): string {
  const bound = (at: number): string => partitionKey(at, granularity).replaceAll('-', '')
  const { from, to } = request.range
  const base = `${request.dataset}.${bound(from)}.${bound(to)}.${hash.slice(0, 8)}`
  const highest = Math.max(0, ...taken.map((id) => ordinalOf(id, base)))
  return highest === 0 ? base : `${base}.${highest + 1}`
}

function ordinalOf(id: string, base: string): number {
  if (id === base) return 1
  if (!id.startsWith(`${base}.`)) return 0
  const ordinal = Number(id.slice(base.length + 1))
  return Number.isSafeInteger(ordinal) ? ordinal : 0
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
