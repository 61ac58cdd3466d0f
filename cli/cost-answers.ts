import type { StateCounts } from '@backtide/core/state'

/** What was spent at sources that charge for it. */
export interface Spent {
  readonly usd: number
  readonly gets: number
  readonly lists: number
  readonly bytes: number
}

/** Answer of `GET /budget`. */
export interface Budget {
  readonly month: string
  readonly spent: Spent
  readonly limitUsd: number | null
  readonly remainingUsd: number | null
  readonly confirmUsd: number | null
  readonly pricesOf: string
  readonly sources: readonly (Spent & { readonly source: string })[]
  readonly backfills: readonly (Spent & { readonly id: string })[]
}

/** Answer of `GET /plans/{id}`. */
export interface Plan {
  readonly id: string
  readonly state: 'running' | 'ready' | 'failed'
  readonly reason?: string
  readonly dataset: string
  readonly from: string
  readonly to: string
  readonly total: number
  readonly progress?: { readonly objects: number }
  readonly summary: PlanSummary | null
  readonly warnings: readonly string[]
}

export interface PlanSummary {
  readonly load: Bulk
  readonly kept: Bulk
  readonly unchanged: number
  readonly absent: { readonly missing: number; readonly pending: number }
  readonly notListed: number
  readonly skipped: StateCounts
  readonly exact: boolean
  readonly cost: {
    readonly usd: number
    readonly transferUsd: number
    readonly requestsUsd: number
    readonly listingUsd: number
  }
  readonly rows: number | null
  readonly diskBytes: number | null
  readonly rewrites: { readonly rows: number; readonly bytes: number; readonly days: number }
  readonly etaSeconds: number | null
  readonly hash: string
}

interface Bulk {
  readonly objects: number
  readonly bytes: number
}
