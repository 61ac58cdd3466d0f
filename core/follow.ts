import type { BackfillInput, Outcome } from './backfill.ts'
import type { Timing } from './timing.ts'

/** What is kept whole from an instant on, turn after turn. */
export interface FollowRequest {
  readonly dataset: string
  /** `['*']` of a dataset of named coins is every coin that is listed when a turn begins. */
  readonly coins: readonly string[]
  readonly intervals?: readonly string[]
  /** UTC milliseconds; what is older is left alone. */
  readonly from: number
  /** Time between two turns, milliseconds. */
  readonly everyMs: number
  /** Days before now in which the newest is looked for first, and replaced objects. */
  readonly recentDays: number
  /** Id of a backfill: as long as it runs, what is older than these days is left to it. */
  readonly after?: string
}

/** Input of the `follow` workflow: one turn. A worker resolves the dataset anew with each. */
export interface FollowInput extends FollowRequest {
  readonly followId: string
  /** Whether the namespace knows our search attributes. */
  readonly indexed: boolean
  readonly objectsPerLoad: number
  readonly loadQueue: string
  readonly tempo: Timing
}

/**
 * Why a part of a turn is loaded: `newest` what is new, due or open in the recent days; `replaced` where the
 * archive has other objects than were loaded; `missing` where neighbours of what was missing have appeared;
 * `gaps` what is open and older.
 */
export type TurnReason = 'newest' | 'replaced' | 'missing' | 'gaps'

/** A backfill that a turn starts. */
export interface TurnPart {
  readonly why: TurnReason
  readonly backfill: BackfillInput
}

/** Input of the `planTurn` activity. */
export interface TurnInput {
  readonly follow: FollowInput
  /** When the turn began, UTC milliseconds: part of the ids of its backfills. */
  readonly createdAt: number
}

/** What a turn has to do: nothing when nothing is due. */
export interface TurnPlan {
  readonly parts: readonly TurnPart[]
}

/** What became of a part; `started` is one that the turn does not wait for. */
export interface TurnEnd {
  readonly why: TurnReason
  readonly backfillId: string
  readonly outcome: Outcome | 'started' | 'running'
  readonly reason?: string
}

/** Result of a turn. */
export interface TurnResult {
  readonly parts: readonly TurnEnd[]
}

/** Shortest and longest time between two turns, milliseconds. */
export const EVERY_MS = { least: 1_000, most: 7 * 86_400_000 } as const

/** Most days a turn lists in search of replaced objects. */
export const MOST_RECENT_DAYS = 31
