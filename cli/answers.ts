import type { ObjectState, StateCounts } from '@backtide/core/state'

/** What the CLI reads of the API's answers; `/openapi.json` has the whole of them. */
export interface BackfillItem {
  readonly id: string
  readonly dataset: string
  readonly coins: readonly string[]
  readonly intervals?: readonly string[]
  readonly from: string
  readonly to: string
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
  readonly own: { readonly objects: number; readonly rows: number }
  readonly rate: {
    readonly objectsPerSecond: number
    readonly rowsPerSecond: number | null
  } | null
  readonly etaSeconds: number | null
  readonly workers: number | null
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

export interface Coverage {
  readonly dataset: string
  readonly coins: readonly string[]
  readonly intervals?: readonly string[]
  readonly from: string
  readonly to: string
  readonly granularity: 'hour' | 'day'
  readonly total: number
  readonly counts: StateCounts
  readonly unknown: number
  readonly rows: number
  readonly days: readonly CoveredDay[]
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

/** Answer of `POST /ledger/reset`. */
export interface Reset {
  readonly reset: number
  readonly complete: number
}

export interface CoveredDay {
  readonly day: string
  readonly total: number
  readonly counts: StateCounts
  readonly unknown: number
  readonly rows: number
  readonly states?: readonly (ObjectState | null)[]
}
