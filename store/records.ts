import type { OnFailure, Outcome, Reprocess } from '@backtide/core/backfill'
import type { Order } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import type { ObjectState, StateCounts } from '@backtide/core/state'

/** Last known state of one object: a row of the ledger. */
export interface LedgerRow {
  /** Start of the partition, UTC milliseconds. */
  readonly partition: number
  readonly dataset: string
  /** Key of the object in its bucket. */
  readonly object: string
  /** The symbol it holds, `*` for all. */
  readonly symbol: string
  readonly state: ObjectState
  /** Why it is in that state, where it is not `complete`. */
  readonly reason: string
  readonly backfillId: string
  readonly decoderVersion: number
  readonly etag: string
  /** Compressed bytes. */
  readonly size: number
  readonly contentHash: string
  readonly lines: number
  readonly rows: number
  readonly distinctRows: number
  readonly superseded: number
  /** Rows of other objects found between its first and last timestamp. */
  readonly foreign: number
  readonly rejected: number
  readonly warnings: number
  /** JSON: counts by reason and by warning, and the samples. */
  readonly details: string
  /** First and last timestamp of its rows, UTC microseconds; undefined without rows. */
  readonly minTs?: number
  readonly maxTs?: number
  /** When this was found, UTC milliseconds. */
  readonly checkedAt: number
}

/** One backfill, as it outlives Temporal's retention. */
export interface BackfillRecord {
  readonly id: string
  /** Namespace of Temporal that it runs in: elsewhere nobody knows it. */
  readonly namespace: string
  /** UTC milliseconds. */
  readonly createdAt: number
  readonly requestHash: string
  readonly request: BackfillRequestRecord
  readonly retryOf?: string
  /** Set when the backfill ended. */
  readonly ended?: BackfillEnd
}

/** What was asked for, resolved. */
export interface BackfillRequestRecord {
  readonly dataset: string
  readonly symbols: readonly string[]
  readonly range: Range
  readonly order: Order
  readonly reprocess: Reprocess
  readonly onFailure: OnFailure
  readonly concurrency: number
}

export interface BackfillEnd {
  /** `terminated` is found out later: nobody is there to write it. */
  readonly outcome: Outcome | 'terminated'
  readonly counts: StateCounts
  readonly rows: number
  readonly reason?: string
  /** UTC milliseconds. */
  readonly endedAt: number
}

/** Part of the ledger: one dataset's objects of some symbols in a range. */
export interface LedgerScope {
  readonly dataset: string
  readonly symbols: readonly string[]
  readonly range: Range
}

/** Sums over a part of the ledger. */
export interface LedgerSummary {
  readonly counts: StateCounts
  /** Distinct rows in the database. */
  readonly rows: number
  /** Compressed bytes. */
  readonly bytes: number
  /** Objects whose last transition came from the backfill asked about. */
  readonly byBackfill: number
}

/** States of one day of a part of the ledger. */
export interface DayCoverage {
  /** UTC milliseconds. */
  readonly day: number
  readonly counts: StateCounts
  readonly rows: number
}
