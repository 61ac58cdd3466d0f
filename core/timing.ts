/**
 * Timeouts and intervals of a backfill in milliseconds. They travel in workflow input, so a replay
 * sees the values its run began with and tests can shorten them.
 */
export interface Timing {
  /** Silence after which a load is taken from its worker and given to another. */
  readonly heartbeatTimeout: number
  /** Longest a single attempt of a load may take. */
  readonly loadTimeout: number
  /** Longest a single attempt of a short activity may take. */
  readonly controlTimeout: number
  readonly retryInitialInterval: number
  readonly retryMaximumInterval: number
  /** First and longest wait for a day that another backfill holds. */
  readonly deferInitial: number
  readonly deferMaximum: number
  /** Waits before a failed day is started again; their number is the number of restarts. */
  readonly dayRestarts: readonly number[]
}

export const DEFAULT_TIMING: Timing = {
  heartbeatTimeout: 30_000,
  loadTimeout: 2 * 3_600_000,
  controlTimeout: 120_000,
  retryInitialInterval: 1_000,
  retryMaximumInterval: 30_000,
  deferInitial: 5_000,
  deferMaximum: 300_000,
  dayRestarts: [30_000, 120_000],
}
