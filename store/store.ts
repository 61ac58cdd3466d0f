import type { FoundHole } from '@backtide/core/hole'
import type { Range } from '@backtide/core/range'
import { foreignTable } from './adoption/foreign-table.ts'
import { putBackfill } from './backfills/put-backfill.ts'
import {
  backfillsOfRequest,
  countEnded,
  findBackfill,
  listBackfills,
} from './backfills/read-backfills.ts'
import { BACKFILLS } from './backfills/table.ts'
import type { QueryStore } from './contract.ts'
import { CLEAN_POINTS } from './epoch/clean-points.ts'
import { makeCleanPoint } from './epoch/make-clean-point.ts'
import { createEpochWatch } from './epoch/watch-epoch.ts'
import { readFacts } from './facts.ts'
import { DERIVED_DAYS } from './derived/derived-days.ts'
import { derivedStandings } from './derived/standing.ts'
import { lastRows } from './last-rows.ts'
import { coverLedger } from './ledger/cover-ledger.ts'
import { findGaps } from './ledger/find-gaps.ts'
import { gapReasons } from './ledger/gap-reasons.ts'
import { likeObjects } from './ledger/like-objects.ts'
import { listLedger } from './ledger/list-ledger.ts'
import { loadedDatasets } from './ledger/loaded-datasets.ts'
import { listHoles } from './holes/list-holes.ts'
import { HOLES, putHoles } from './holes/put-holes.ts'
import { INSTRUMENTS, listInstruments } from './instruments/instruments.ts'
import { newestRows } from './ledger/newest-rows.ts'
import { findToReset, resetLedger } from './ledger/reset-ledger.ts'
import { summariseLedger } from './ledger/summarise-ledger.ts'
import { LEDGER, LEDGER_LOG } from './ledger/table.ts'
import { settlePicks } from './picks/settle-picks.ts'
import { PICKS } from './picks/table.ts'
import { createQuestDb, type QuestDb } from './questdb.ts'
import { createEnsureTables } from './schema/ensure-tables.ts'
import type { OwnTable } from './schema/migration.ts'
import { spentFor, spentIn } from './spending/spending.ts'
import { SPENDING } from './spending/table.ts'
import { changedSince } from './ledger/changed-since.ts'
import { findPlan, listPlans } from './plans/plans.ts'
import { PLAN_OBJECTS, PLANS } from './plans/tables.ts'
import { suspendedTables } from './wait-applied.ts'
import { WORKERS } from './workers/worker-record.ts'
import type { WorkerRecord } from './workers/worker-record.ts'
import { listWorkers, putWorker } from './workers/worker-records.ts'
import { PING, whileAlive } from './while-alive.ts'
import { createWideReads } from './wide-reads.ts'

/** Everything Backtide keeps in one QuestDB. */
export interface Store extends QueryStore {
  readonly db: QuestDb
  /**
   * Creates and migrates Backtide's own tables and the given ones, once a process; a table that was
   * dropped since is created again.
   * @throws TableShapeError when a table of that name is somebody else's
   * @throws TableTooNewError when a newer Backtide changed one
   */
  ensureTables(tables: readonly OwnTable[]): Promise<void>
  /**
   * When this QuestDB was started, UTC milliseconds. Before it tells of a new one, it makes what the
   * earlier ones may have lost `unverified`. A ledger row is written only when this is still what it
   * was before the read-back.
   */
  epoch(): Promise<number>
  /**
   * Makes a clean point if this process made none for a while; resolves to whether it did. It does
   * not fail: without clean points more is read back after a restart, and nothing is untrue.
   */
  cleanPoint(): Promise<boolean>
  /** Writes what a worker says of itself: that it lives, and what it reaches. */
  putWorker(record: WorkerRecord): Promise<void>
  /** Records holes of feeds, or what became of them, in the order they were told. */
  putHoles(holes: readonly FoundHole[]): Promise<void>
}

/** What a store is opened with. */
export interface StoreOptions {
  /** A `QDB_CLIENT_CONF`. */
  readonly conf: string
  /** Least time between two clean points of this process, milliseconds. */
  readonly cleanPointEvery?: number
  /** Least time between two looks at the epoch that come with reads, milliseconds. */
  readonly epochCheckEvery?: number
  /**
   * Longest a read waits for a QuestDB that is silent, milliseconds: for those whom a person waits for.
   * One that answers other questions meanwhile is busy, and is waited for. Without it, and for writes,
   * as long as a statement may take.
   */
  readonly answerWithinMs?: number
}

/**
 * Opens a store. Nothing is asked of QuestDB before the first call.
 * @throws TypeError for a configuration it cannot read
 */
export function createStore({
  conf,
  cleanPointEvery = 300_000,
  epochCheckEvery = 2_000,
  answerWithinMs,
}: StoreOptions): Store {
  const db = createQuestDb(conf)
  const quick =
    answerWithinMs === undefined ? db : createQuestDb(conf, { timeoutMs: answerWithinMs })
  const ensureTables = createEnsureTables(db, OWN_TABLES, quick)
  const turns = createWideReads()
  const watchEpoch = createEpochWatch(db, quick)
  const epoch = async () => {
    await ensureTables([])
    return await watchEpoch()
  }
  /** The API may ask before any worker created the tables, and after a restart before any load. */
  const look = atMostEvery(epochCheckEvery, async () => void (await epoch()))
  const reading = async <T>(read: (db: QuestDb) => Promise<T>): Promise<T> => {
    await look()
    return answerWithinMs === undefined
      ? await read(db)
      : await whileAlive(db, answerWithinMs, read)
  }
  /** One of so many statements at once over a range of the ledger. */
  const wide = <T>({ range }: Scoped, read: (db: QuestDb) => Promise<T>, statements = 1) =>
    turns.take(range, statements, () => reading(read))
  const writing = async <T>(write: () => Promise<T>): Promise<T> => {
    await look()
    return await write()
  }
  return {
    db,
    ensureTables,
    epoch,
    cleanPoint: cleanPoints(cleanPointEvery, async () => {
      await ensureTables([])
      return await makeCleanPoint(db)
    }),
    ...ofTheServer(quick),
    ...readBackfills(reading),
    ...readTables(reading),
    listWorkers: (namespace) => reading((from) => listWorkers(from, namespace)),
    ...recordsIn(db, writing),
    summariseLedger: (scope) => wide(scope, (from) => summariseLedger(from, scope)),
    listLedger: (page) => reading((from) => listLedger(from, page)),
    changedSince: (scope, since) => wide(scope, (from) => changedSince(from, scope, since)),
    coverLedger: (scope, by) => wide(scope, (from) => coverLedger(from, scope, by)),
    gapReasons: (scope, limit) => wide(scope, (from) => gapReasons(from, scope, limit)),
    findGaps: (asked) => wide(asked, (from) => findGaps(from, asked), 3),
    listInstruments: (exchange) => reading((from) => listInstruments(from, exchange)),
    derivedStandings: (asked) => reading((from) => derivedStandings(from, asked)),
    ...holesIn(db, reading, writing),
    loadedDatasets: () => reading(loadedDatasets),
    findToReset: (scope) => reading((from) => findToReset(from, scope)),
    settlePicks: (asked) => writing(() => settlePicks(db, asked)),
    resetLedger: (rows, note) => writing(() => resetLedger(db, rows, note)),
  }
}

/** Reads of tables of data. */
function readTables(reading: Reading): Pick<Store, 'newestRows' | 'lastRows' | 'foreignTable'> {
  return {
    newestRows: (asked) => reading((from) => newestRows(from, asked)),
    lastRows: (asked) => reading((from) => lastRows(from, asked)),
    foreignTable: (table) => reading((from) => foreignTable(from, table)),
  }
}

/** Questions to QuestDB about itself; they need none of our tables. */
function ofTheServer(db: QuestDb): Pick<Store, 'ping' | 'facts' | 'suspendedTables'> {
  return {
    ping: async () => void (await db.query(PING)),
    facts: () => readFacts(db),
    suspendedTables: () => suspendedTables(db),
  }
}
const OWN_TABLES = [
  LEDGER,
  LEDGER_LOG,
  BACKFILLS,
  CLEAN_POINTS,
  WORKERS,
  INSTRUMENTS,
  PICKS,
  DERIVED_DAYS,
  HOLES,
  SPENDING,
  PLANS,
  PLAN_OBJECTS,
]
/** What is asked of the tables that say what was asked for, and what it cost. */
function readBackfills(reading: Reading) {
  return {
    findBackfill: (id) => reading((from) => findBackfill(from, id)),
    listBackfills: (page) => reading((from) => listBackfills(from, page)),
    countEnded: (namespace) => reading((from) => countEnded(from, namespace)),
    backfillsOfRequest: (hash) => reading((from) => backfillsOfRequest(from, hash)),
    likeObjects: (dataset) => reading((from) => likeObjects(from, dataset)),
    findPlan: (id) => reading((from) => findPlan(from, id)),
    listPlans: (page) => reading((from) => listPlans(from, page)),
    spentIn: (range) => reading((from) => spentIn(from, range)),
    spentFor: (ids) => reading((from) => spentFor(from, ids)),
  } satisfies Partial<QueryStore>
}

function recordsIn(
  db: QuestDb,
  writing: (write: () => Promise<void>) => Promise<void>,
): Pick<Store, 'putWorker' | 'putBackfill'> {
  return {
    putWorker: (record) => writing(() => putWorker(db, record)),
    putBackfill: (record) => writing(() => putBackfill(db, record)),
  }
}

function holesIn(
  db: QuestDb,
  reading: Reading,
  writing: (write: () => Promise<void>) => Promise<void>,
): Pick<Store, 'listHoles' | 'putHoles'> {
  return {
    listHoles: (page) => reading((from) => listHoles(from, page)),
    putHoles: (holes) => writing(() => putHoles(db, holes)),
  }
}

type Reading = <T>(read: (db: QuestDb) => Promise<T>) => Promise<T>

type Scoped = { readonly range: Range }

/** The first is due when the store has been open for that long. */
function cleanPoints(every: number, make: () => Promise<boolean>): Store['cleanPoint'] {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < every) return false
    last = performance.now()
    return await make().catch(() => false)
  }
}

/**
 * Runs something at most every so often (milliseconds): calls in between share the last run, and wait
 * for it. A run that failed does not count.
 */
function atMostEvery(ms: number, run: () => Promise<void>): () => Promise<void> {
  let last: { readonly at: number; readonly done: Promise<void> } | undefined
  return () => {
    if (last && performance.now() - last.at < ms) return last.done
    const mine = { at: performance.now(), done: run() }
    last = mine
    mine.done.catch(() => {
      if (last === mine) last = undefined
    })
    return mine.done
  }
}
