import type { ObjectState, StateCounts } from '@backtide/core/state'
import type { Spent } from './cost-answers.ts'

/** What the CLI reads of the API's answers; `/openapi.json` has the whole of them. */
export interface BackfillItem {
  readonly id: string
  readonly dataset: string
  readonly coins: readonly string[]
  readonly intervals?: readonly string[]
  readonly from: string
  readonly to: string
  readonly hours?: readonly number[]
  readonly order: string
  readonly reprocess: string
  readonly state: string
  readonly reason?: string
  readonly total: number
  readonly counts: StateCounts | null
  readonly rows: number | null
  readonly createdAt: string
  readonly endedAt: string | null
  readonly seconds: number
  readonly retryOf?: string
  readonly temporalUi: string
}

export interface Backfill extends BackfillItem {
  readonly counts: StateCounts
  readonly remaining: number
  readonly rows: number
  readonly bytes: number
  readonly own: { readonly objects: number; readonly rows: number }
  readonly spent: Spent & { readonly maxUsd: number | null }
  readonly rate: {
    readonly objectsPerSecond: number
    readonly rowsPerSecond: number | null
  } | null
  readonly etaSeconds: number | null
  readonly workers: number | null
  readonly running: readonly RunningLoad[]
  readonly retrying: readonly Retry[]
  readonly warnings: readonly string[]
}

/** What failed and is tried again. */
export interface Retry {
  readonly day: string | null
  readonly activity: string
  readonly attempt: number
  readonly error: string
  readonly nextTryAt: string | null
  readonly temporalUi: string
}

/** A load under way. */
export interface RunningLoad {
  readonly day: string
  readonly partition: string | null
  readonly step: string | null
  readonly since: string
  readonly attempt: number
  readonly temporalUi: string
}

/** Answer of `pause`, `resume` and `cancel`. */
export interface Steered {
  readonly id: string
  readonly warnings: readonly string[]
}

export interface BackfillPage {
  readonly backfills: readonly BackfillItem[]
  readonly next: string | null
  readonly warnings: readonly string[]
}

/** Answer of `GET /follows`. */
export interface FollowList {
  readonly follows: readonly FollowView[]
}

/** Answer of `GET /follows/{id}`. */
export interface FollowView {
  readonly id: string
  readonly dataset: string
  readonly coins: readonly string[]
  readonly intervals?: readonly string[]
  readonly from: string
  readonly every: string
  readonly paused: boolean
  readonly note?: string
  readonly nextAt: string | null
  readonly turns: number
  readonly skipped: number
  readonly lastTurn: {
    readonly id: string
    readonly at: string
    readonly endedAt: string | null
    readonly state: string
    readonly parts: readonly {
      readonly why: string
      readonly backfillId: string
      readonly outcome: string
      readonly reason?: string
    }[]
  } | null
  readonly temporalUi: string
}

/** An entry of `GET /sources`. */
export type Source = SourcePlace & { readonly datasets: readonly string[] }

/** Where objects are. */
export type SourcePlace = { readonly name: string } & (
  | {
      readonly kind: 's3'
      readonly bucket: string
      readonly region: string
      readonly requesterPays: boolean
    }
  | { readonly kind: 'http'; readonly baseUrl: string }
  | {
      readonly kind: 'rest'
      readonly baseUrl: string
      readonly limit: { readonly weightPerMinute: number }
    }
)

/** An entry of `GET /datasets?detail=loaded`. */
export interface Dataset {
  readonly id: string
  readonly title: string
  readonly granularity: 'hour' | 'day'
  readonly symbols: 'named' | 'all'
  readonly intervals?: readonly string[]
  readonly begins: string
  readonly table: string
  readonly source: SourcePlace
  /** Why it cannot be loaded, and what to do about it. */
  readonly off?: string
  readonly loaded?: {
    readonly counts: StateCounts
    readonly rows: number
    readonly bytes: number
    readonly from: string | null
    readonly to: string | null
  }
}

/** Answer of `GET /datasets/{dataset}/rows`. */
export interface Rows {
  readonly dataset: string
  readonly from: string | null
  readonly to: string | null
  /** Names and types, in order. */
  readonly columns: Readonly<Record<string, string>>
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly verified: boolean
  readonly objects: readonly {
    readonly partition: string
    readonly series: string
    readonly state: ObjectState | 'unknown'
    readonly rows: number
  }[]
  readonly warnings: readonly string[]
}

/** An entry of `GET /instruments`. */
export interface Instrument {
  readonly exchange: string
  readonly market: string
  readonly symbol: string
  readonly base: string
  readonly quote: string
  readonly listed: string | null
  readonly delisted: string | null
  readonly aliases: readonly string[]
}

/** Answer of `POST /ledger/reset`. */
export interface Reset {
  readonly reset: number
  readonly complete: number
}

/** Answer of `GET /adoptions/{table}`. */
export interface Adoption {
  readonly table: string
  readonly state: 'running' | 'done' | 'failed'
  readonly days: number
  readonly daysDone: number
  readonly rows: number
  readonly duplicates: number
  readonly objects: number
  readonly keptAs: string
  readonly reason: string | null
}
