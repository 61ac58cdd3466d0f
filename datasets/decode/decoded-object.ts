import type { RejectReason } from '../dataset.ts'

/** Rows of consecutive records in time order, ready to be sent: ILP bytes and where each record ends. */
export interface RecordChunk {
  readonly bytes: Uint8Array
  /** Timestamp of each record, UTC microseconds. */
  readonly ts: Float64Array
  /** End of each record in `bytes`. */
  readonly ends: Uint32Array
}

/** What an object held, known when all of it is decoded. */
export interface ObjectTally {
  readonly bytes: number
  readonly lines: number
  /** Lines that are in order and of something else than the dataset. */
  readonly skipped: number
  /** Rows decoded, before equal and superseded records were dropped. */
  readonly rows: number
  /** What a read-back must find, all symbols together. */
  readonly distinctRows: number
  /** Sum of the checks of those rows: what `sum(Dataset.checksum)` over them gives in SQL, exactly. */
  readonly check: number
  /** Rows of records replaced by a later record of the same identity with other content. */
  readonly supersededRows: number
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>
  readonly warnings: Readonly<Record<string, number>>
  /** Lines of an unusual form, which were parsed in full: slower, and nothing else. Headers are too. */
  readonly fallbacks: number
  /** At most 3 rejected lines, 200 printable characters each. */
  readonly samples: readonly string[]
  /** SHA-256 of the object's bytes as they came, hexadecimal. What they decode to, the row checks tell. */
  readonly contentHash: string
  /**
   * A record came too late to be put in order: its rows were sent out of order, and where rows of its
   * timestamp had been sent before, `expected` leaves that timestamp out: what is there is not known.
   */
  readonly disordered: boolean
  /** What a read-back must find, by symbol. */
  readonly expected: readonly SymbolRows[]
  /** Why the bytes could not be decoded to their end; the rows before stay. */
  readonly corrupt?: string
  /** The format is not the one the decoder knows; nothing was sent. */
  readonly refused?: string
}

/** Rows of one symbol, by distinct timestamp, ascending. */
export interface SymbolRows {
  readonly symbol: string
  readonly ts: Float64Array
  readonly rows: Uint32Array
  /** Sum of the checks of the rows at each timestamp. */
  readonly checks: Float64Array
}
