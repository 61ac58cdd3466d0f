import type { ObjectTally } from '@backtide/datasets/decode/decoded-object'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'

/** One object a load has to look after. */
export interface ObjectTask {
  /** Start of its partition, UTC milliseconds. */
  readonly partition: number
  readonly symbol: string
  readonly key: string
  /** What the ledger said before. */
  readonly before?: LedgerRow
  /** Fetch it only if it no longer has this ETag. */
  readonly unlessEtag?: string
}

/** What came of an object in the archive and on its way to the table. */
export type ObjectResult =
  | { readonly task: ObjectTask; readonly found: 'absent' | 'unchanged' }
  | { readonly task: ObjectTask; readonly found: 'broken' | 'refused'; readonly reason: string }
  | {
      readonly task: ObjectTask
      readonly found: 'decoded'
      readonly etag: string
      readonly size: number
      readonly tally: ObjectTally
    }

export type DecodedResult = Extract<ObjectResult, { found: 'decoded' }>
