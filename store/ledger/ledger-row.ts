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
  /** Rows found under its name that it does not have; they were laid dead. */
  readonly ghosts: number
  readonly rejected: number
  readonly warnings: number
  /** JSON: counts by reason and by warning, and the samples. */
  readonly details: string
  /** First and last timestamp of its rows, UTC microseconds; undefined without rows. */
  readonly minTs?: number
  readonly maxTs?: number
  /** Sum of the row checks of all its rows; undefined where rows did not know their object yet. */
  readonly check?: number
  /** Start of the QuestDB (`Store.epoch`) under which its rows were read back; 0 when they never were. */
  readonly epoch: number
  /** When this was found, UTC milliseconds. */
  readonly checkedAt: number
}

/** What a row says of an object of which nothing is known. */
export const NOTHING_KNOWN = {
  etag: '',
  size: 0,
  contentHash: '',
  lines: 0,
  rows: 0,
  distinctRows: 0,
  superseded: 0,
  ghosts: 0,
  rejected: 0,
  warnings: 0,
  details: '',
} as const satisfies Partial<LedgerRow>

/** Sums over a part of the ledger. */
export interface LedgerSummary {
  readonly counts: StateCounts
  /** Distinct rows in the database. */
  readonly rows: number
  /** Compressed bytes. */
  readonly bytes: number
  /** Objects whose last transition came from the backfill asked about, and their rows. */
  readonly own: { readonly objects: number; readonly rows: number }
}

/** States of a stretch of time, or of a series, of a part of the ledger; each where divided by it. */
export interface CoveredPart {
  /** Start of the hour or day, UTC milliseconds. */
  readonly at?: number
  readonly series?: string
  readonly counts: StateCounts
  readonly rows: number
}
