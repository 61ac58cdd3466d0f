import type { FollowInput, TurnResult } from '@backtide/core/follow'

/**
 * What the API asks of Temporal's schedules. Every method throws `TemporalUnavailableError` while Temporal
 * is away, and gives up by itself after a few seconds.
 */
export interface FollowSchedules {
  /** Makes a schedule whose first turn is at once, or changes the one there is. */
  put(input: FollowInput): Promise<'created' | 'changed'>
  /** In the order of their ids; what was made within the last second may be absent. */
  list(): Promise<readonly Follow[]>
  find(id: string): Promise<Follow | undefined>
  /** False when there is none. */
  pause(id: string, note: string): Promise<boolean>
  /** Goes on with a turn at once, which catches up. False when there is none. */
  resume(id: string): Promise<boolean>
  /** False when there was none; a turn under way goes on. */
  remove(id: string): Promise<boolean>
  /** What became of a turn; undefined when Temporal does not know it (any more). */
  turn(workflowId: string): Promise<Turn | undefined>
}

/** What is followed, as its schedule says. Times are UTC milliseconds. */
export interface Follow {
  readonly input: FollowInput
  readonly paused: boolean
  readonly note?: string
  readonly createdAt: number
  /** When the next turns begin; none while it is paused. */
  readonly nextAt: readonly number[]
  readonly lastTurn?: { readonly workflowId: string; readonly at: number }
  /** Turns so far, and those that were left out because the one before was still under way. */
  readonly turns: number
  readonly skipped: number
}

export interface Turn {
  readonly state: 'running' | 'completed' | 'failed' | 'cancelled' | 'terminated'
  readonly endedAt?: number
  /** Of one that completed. */
  readonly result?: TurnResult
}
