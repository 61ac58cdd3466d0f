import type { ObjectState } from '@backtide/core/state'
import type { Scope } from '@backtide/core/request'
import type { BackfillRecord } from './backfills/backfill-record.ts'
import type { DayCoverage, LedgerRow, LedgerSummary } from './ledger/ledger-row.ts'
import type { ResetNote, ResetScope } from './ledger/reset-ledger.ts'

/**
 * What the API asks of QuestDB; `createStore` gives it. Every method throws `StoreUnavailableError`
 * (store/errors.ts) while QuestDB is away.
 */
export interface QueryStore {
  /** Resolves when QuestDB answers. */
  ping(): Promise<void>
  /** Tables that take rows and do not apply them. */
  suspendedTables(): Promise<readonly string[]>
  findBackfill(id: string): Promise<BackfillRecord | undefined>
  /** Newest first; `before` is the `createdAt` to go on below. */
  listBackfills(page: { limit: number; before?: number }): Promise<readonly BackfillRecord[]>
  /** All backfills of one request, newest first. */
  backfillsOfRequest(requestHash: string): Promise<readonly BackfillRecord[]>
  /** Inserts or replaces a backfill and waits until it can be read. */
  putBackfill(record: BackfillRecord): Promise<void>
  summariseLedger(scope: Scope & { readonly backfillId: string }): Promise<LedgerSummary>
  /** Rows of the ledger by partition, then object; `after` is the last row of the page before. */
  listLedger(
    scope: Scope & {
      readonly states?: readonly ObjectState[]
      readonly limit: number
      readonly after?: { readonly partition: number; readonly object: string }
    },
  ): Promise<readonly LedgerRow[]>
  /** By UTC day, ascending; days without a ledger row are left out. */
  coverDays(scope: Scope): Promise<readonly DayCoverage[]>
  /** See store/ledger/reset-ledger.ts. */
  findToReset(scope: ResetScope): Promise<readonly LedgerRow[]>
  resetLedger(rows: readonly LedgerRow[], note: ResetNote): Promise<void>
}
