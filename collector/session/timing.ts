import type { Backoff } from './backoff.ts'

/** Milliseconds. */
export interface SessionTiming {
  readonly backoff: Backoff
  /** How often streams are looked at. */
  readonly watchMs: number
  /** A successor is there so long before the end of a connection's life. */
  readonly leadMs: number
  /** Most that a successor is waited for to bring all that its predecessor does. */
  readonly overlapMs: number
  /** Successors are begun no more often, but for what the venue itself announces. */
  readonly renewMs: number
}

export const SESSION_TIMING: SessionTiming = {
  backoff: { firstMs: 500, mostMs: 60_000 },
  watchMs: 1000,
  leadMs: 10 * 60_000,
  overlapMs: 60_000,
  renewMs: 60_000,
}
