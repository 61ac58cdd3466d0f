/**
 * Types of the failures that activities report to Temporal. `Source…` and `Store…Unavailable` are
 * weather and retried without limit; all others end the attempt for good.
 */
export const FAILURE = {
  /** S3 answered 5xx or SlowDown, reset the connection or did not answer. */
  sourceUnavailable: 'SourceUnavailable',
  /** QuestDB is away, restarting, overloaded, or has not applied what it accepted. */
  storeUnavailable: 'StoreUnavailable',
  /** Credentials are wrong, expired or not allowed to read. */
  accessDenied: 'AccessDenied',
  /** A request nobody can serve: a bucket that does not exist, a table of another shape. */
  badRequest: 'BadRequest',
  /** An error nobody expected, five times. */
  unexpected: 'Unexpected',
  /** The backfill was told to stop at its first failed day. */
  aborted: 'BackfillAborted',
} as const

export type FailureType = (typeof FAILURE)[keyof typeof FAILURE]

/** Failures that no retry of the same activity can mend. */
export const FINAL_FAILURES: readonly FailureType[] = [
  FAILURE.accessDenied,
  FAILURE.badRequest,
  FAILURE.unexpected,
  FAILURE.aborted,
]

/**
 * True for a failure that says nothing of the object it was met at: all other days would share it,
 * so it is no use to go on before somebody has mended it.
 */
export function isRefusal(type: string | undefined): boolean {
  return type === FAILURE.accessDenied || type === FAILURE.badRequest
}
