import { retryAfterMs } from './backoff.ts'
import type { FetchRest } from './snapshots.ts'

const DEADLINE_MS = 15_000

/** Asks a venue's REST. @throws when no whole answer came within 15 s */
export const fetchRest: FetchRest = async (url, signal) => {
  const response = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
  })
  return {
    status: response.status,
    body: await response.text(),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
  }
}
