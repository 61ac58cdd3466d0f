import type { GapCause } from '@backtide/core/gap'
import type { ObjectState, StateCounts } from '@backtide/core/state'

/** Answer of `GET /coverage`; what it is divided into is there for one `by` each. */
export interface Coverage extends CoverageSums {
  readonly dataset: string
  readonly coins: readonly string[]
  readonly intervals?: readonly string[]
  readonly from: string
  readonly to: string
  readonly granularity: 'hour' | 'day'
  readonly reasons: readonly {
    readonly state: ObjectState
    readonly reason: string
    readonly objects: number
  }[]
  readonly days?: readonly CoveredDay[]
  readonly hours?: readonly (CoverageSums & { readonly hour: string })[]
  readonly series?: readonly CoveredSeries[]
}

export interface CoverageSums {
  readonly total: number
  readonly counts: StateCounts
  readonly unknown: number
  readonly percent: number
  readonly rows: number
}

export interface CoveredDay extends CoverageSums {
  readonly day: string
  readonly states?: readonly (ObjectState | null)[]
}

export interface CoveredSeries extends CoverageSums {
  readonly series: string
  readonly days?: readonly CoveredDay[]
}

/** Answer of `GET /gaps`. */
export interface GapPage {
  readonly gaps: readonly Gap[]
  readonly next: string | null
}

export interface Gap {
  readonly dataset: string
  readonly coin: string
  readonly interval?: string
  readonly from: string
  readonly to: string
  readonly cause: GapCause
  readonly reason?: string
  readonly objects: number
  readonly repairable: boolean
}

/** Answer of `POST /repairs`. */
export interface Repair {
  readonly dataset: string
  readonly repairable: { readonly gaps: number; readonly objects: number }
  readonly untouched: readonly {
    readonly cause: GapCause
    readonly gaps: number
    readonly objects: number
  }[]
  readonly backfills: readonly {
    readonly id: string | null
    readonly coins: readonly string[]
    readonly intervals?: readonly string[]
    readonly from: string
    readonly to: string
  }[]
  readonly left: number
}
