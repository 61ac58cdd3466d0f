import type { DataTable } from '@backtide/core/table'
import type { ObjectState } from '@backtide/core/state'
import type { KnownInstrument } from '@backtide/core/instrument'
import type { Range } from '@backtide/core/range'
import type { Scope } from '@backtide/core/request'
import type { DerivedStanding } from '@backtide/core/derived'
import type { DerivedNamed } from './derived/standing.ts'
import type { Standing } from './adoption/foreign-table.ts'
import type { BackfillRecord, EndedCount } from './backfills/backfill-record.ts'
import type { HoleRow, HolesAsked } from './holes/list-holes.ts'
import type { RowsAsked, SeenRow } from './last-rows.ts'
import type { CoverBy } from './ledger/cover-ledger.ts'
import type { QuestDbFacts } from './facts.ts'
import type { Gap, GapsAsked } from './ledger/find-gaps.ts'
import type { GapReason } from './ledger/gap-reasons.ts'
import type { LikeObjects } from './ledger/like-objects.ts'
import type { CoveredPart, LedgerRow, LedgerSummary } from './ledger/ledger-row.ts'
import type { LoadedDataset } from './ledger/loaded-datasets.ts'
import type { NewestAsked } from './ledger/newest-rows.ts'
import type { Difference } from '@backtide/core/plan'
import type { PlanPage, PlanRecord } from './plans/plans.ts'
import type { Spent } from './spending/spending.ts'
import type { KnownWorker } from './workers/worker-record.ts'
import type { PicksAsked } from './picks/settle-picks.ts'
import type { ResetNote, ResetScope } from './ledger/reset-ledger.ts'

/**
 * What the API asks of QuestDB; `createStore` gives it. Every method throws `StoreUnavailableError`
 * (store/errors.ts) while QuestDB is away.
 */
export interface QueryStore {
  /** Resolves when QuestDB answers. */
  ping(): Promise<void>
  /** What QuestDB says of itself, in seconds. */
  facts(): Promise<QuestDbFacts>
  /** Tables that take rows and do not apply them. */
  suspendedTables(): Promise<readonly string[]>
  /** Workers of a namespace of Temporal that were heard of lately. */
  listWorkers(namespace: string): Promise<readonly KnownWorker[]>
  findBackfill(id: string): Promise<BackfillRecord | undefined>
  /** Newest first; `before` is the `createdAt` to go on below. */
  listBackfills(page: { limit: number; before?: number }): Promise<readonly BackfillRecord[]>
  /** How many backfills of a namespace ended how. */
  countEnded(namespace: string): Promise<readonly EndedCount[]>
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
  findPlan(id: string): Promise<PlanRecord | undefined>
  /** Newest first. */
  listPlans(page: PlanPage): Promise<readonly PlanRecord[]>
  /** What of a part of the ledger was written since an instant (UTC milliseconds). */
  changedSince(scope: Scope, since: number): Promise<Difference | undefined>
  /** What was spent at sources that charge, by backfill (or plan) and source, most first. */
  spentIn(range: Range): Promise<readonly Spent[]>
  /** What was spent for some backfills, ever. */
  spentFor(backfillIds: readonly string[]): Promise<readonly Spent[]>
  /** Sizes and rows of the latest objects of a dataset, by series. */
  likeObjects(dataset: string): Promise<readonly LikeObjects[]>
  /** By time, then series; what has no ledger row is left out. */
  coverLedger(scope: Scope, by: CoverBy): Promise<readonly CoveredPart[]>
  /** The most frequent reasons for gaps. */
  gapReasons(scope: Scope, limit: number): Promise<readonly GapReason[]>
  /** By start, series and cause. */
  findGaps(asked: GapsAsked): Promise<readonly Gap[]>
  /** By exchange, market and symbol; of every exchange where none is named. */
  listInstruments(exchange?: string): Promise<readonly KnownInstrument[]>
  /** How the days of some derived things stand, in the order of the names. */
  derivedStandings(asked: readonly DerivedNamed[]): Promise<readonly DerivedStanding[]>
  /** Holes of feeds, the newest first. */
  listHoles(asked: HolesAsked): Promise<readonly HoleRow[]>
  /** What the ledger holds, a dataset each; those it knows nothing of are left out. */
  loadedDatasets(): Promise<readonly LoadedDataset[]>
  /** See store/ledger/newest-rows.ts. */
  newestRows(asked: NewestAsked): Promise<Range | undefined>
  /** The last rows of a range as readers see them, by time. */
  lastRows(asked: RowsAsked): Promise<readonly SeenRow[]>
  /** See store/ledger/reset-ledger.ts. */
  findToReset(scope: ResetScope): Promise<readonly LedgerRow[]>
  resetLedger(rows: readonly LedgerRow[], note: ResetNote): Promise<void>
  /** See store/adoption/foreign-table.ts. */
  foreignTable(table: DataTable): Promise<Standing>
  /** See store/picks/settle-picks.ts. */
  settlePicks(asked: PicksAsked): Promise<number>
}
