import { isComplete } from '@backtide/core/state'
import type { DerivedStanding } from '@backtide/core/derived'
import type { KnownInstrument } from '@backtide/core/instrument'
import type { QueryStore } from '@backtide/store/contract'
import { StoreUnavailableError } from '@backtide/store/errors'
import type { QuestDbFacts } from '@backtide/store/facts'
import type { RowsAsked, SeenRow } from '@backtide/store/last-rows'
import type { HoleRow, HolesAsked } from '@backtide/store/holes/list-holes'
import type { Gap, GapsAsked } from '@backtide/store/ledger/find-gaps'
import type { NewestAsked } from '@backtide/store/ledger/newest-rows'
import type { Scope } from '@backtide/core/request'
import type { Standing } from '@backtide/store/adoption/foreign-table'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import type { LikeObjects } from '@backtide/store/ledger/like-objects'
import type { PlanRecord } from '@backtide/store/plans/plans'
import type { Spent } from '@backtide/store/spending/spending'
import type { KnownWorker } from '@backtide/store/workers/worker-record'
import { resetRow } from '@backtide/store/ledger/reset-ledger'
import { countStates, groupBy, isAfter, orderOf, partOf } from './fake-ledger.ts'

/** A store in memory; `away` makes it fail like a QuestDB that is down. */
export interface FakeStore extends QueryStore {
  away: boolean
  readonly backfills: Map<string, BackfillRecord>
  /** Workers that keep a record. */
  workers: readonly KnownWorker[]
  /** What QuestDB says of itself. */
  questdb: QuestDbFacts
  plans: readonly PlanRecord[]
  /** What was spent, this month and ever. */
  spent: readonly Spent[]
  /** What objects of a dataset are like. */
  like: readonly LikeObjects[]
  readonly ledger: LedgerRow[]
  readonly instruments: KnownInstrument[]
  /** How the days of what is derived stand, by name. */
  standings: Readonly<Record<string, DerivedStanding>>
  /** Rows that `lastRows` gives, whatever is asked for. */
  readonly rows: SeenRow[]
  /** What `findGaps` finds: those of them in the range and from `since` on, in this order. */
  readonly gaps: Gap[]
  /** What stands at the names of views, where that is not nothing. */
  readonly standing: Map<string, Standing>
  /** Holes that `listHoles` gives, whatever is asked for. */
  readonly holes: HoleRow[]
  /** What was asked for last. */
  readonly asked: {
    newest?: NewestAsked
    rows?: RowsAsked
    gaps?: GapsAsked
    holes?: HolesAsked
  }
}

/** Creates an empty store. */
export function createFakeStore(): FakeStore {
  const backfills = new Map<string, BackfillRecord>()
  const ledger: LedgerRow[] = []
  const shown: SeenRow[] = []
  const gaps: Gap[] = []
  const asked: FakeStore['asked'] = {}
  const inScope = ({ dataset, symbols, range }: Scope) =>
    ledger
      .filter((row) => row.dataset === dataset && symbols.includes(row.symbol))
      .filter((row) => row.partition >= range.from && row.partition < range.to)
      .toSorted((a, b) => a.partition - b.partition || (a.object < b.object ? -1 : 1))
  const newestFirst = () => [...backfills.values()].toSorted((a, b) => b.createdAt - a.createdAt)
  const store: FakeStore = {
    away: false,
    standing: new Map(),
    backfills,
    ledger,
    instruments: [],
    standings: {},
    holes: [],
    rows: shown,
    gaps,
    asked,
    workers: [],
    questdb: {
      build: 'Build Information: QuestDB 9.3.4, JDK 17',
      now: Date.UTC(2026, 10, 21, 12, 30),
      settings: new Map(),
      suspended: [],
      behind: undefined,
    },
    facts: () => answer(store.questdb),
    plans: [],
    spent: [],
    like: [],
    ping: () => answer(undefined),
    listWorkers: () => answer(store.workers),
    findPlan: (id) => answer(store.plans.find((plan) => plan.id === id)),
    listPlans: ({ limit }) => answer(store.plans.slice(0, limit)),
    changedSince: (scope, since) => {
      const changed = inScope(scope).filter(({ checkedAt }) => checkedAt >= since)
      return answer(
        changed.length === 0
          ? undefined
          : { objects: changed.length, samples: changed.map(({ object }) => object) },
      )
    },
    spentIn: () => answer(store.spent),
    spentFor: (ids) => answer(store.spent.filter(({ backfillId }) => ids.includes(backfillId))),
    likeObjects: () => answer(store.like),
    countEnded: () =>
      answer(
        newestFirst().flatMap(({ request, ended }) =>
          ended ? { dataset: request.dataset, outcome: ended.outcome, count: 1 } : [],
        ),
      ),
    suspendedTables: () => answer([]),
    findBackfill: (id) => answer(backfills.get(id)),
    listBackfills: ({ limit, before = Infinity }) =>
      answer(
        newestFirst()
          .filter((record) => record.createdAt < before)
          .slice(0, limit),
      ),
    backfillsOfRequest: (hash) =>
      answer(newestFirst().filter((record) => record.requestHash === hash)),
    putBackfill: (record) => answer(void backfills.set(record.id, record)),
    summariseLedger: (scope) => {
      const rows = inScope(scope)
      return answer({
        counts: countStates(rows),
        rows: rows.reduce((sum, row) => sum + row.distinctRows, 0),
        bytes: rows.reduce((sum, row) => sum + row.size, 0),
        own: {
          objects: rows.filter((row) => row.backfillId === scope.backfillId).length,
          rows: rows
            .filter((row) => row.backfillId === scope.backfillId)
            .reduce((sum, row) => sum + row.distinctRows, 0),
        },
      })
    },
    listLedger: ({ states, limit, after, ...scope }) =>
      answer(
        inScope(scope)
          .filter((row) => !states || states.includes(row.state))
          .filter((row) => !after || isAfter(row, after))
          .slice(0, limit),
      ),
    coverLedger: (scope, by) =>
      answer(
        groupBy(inScope(scope), (row) => partOf(row, by)).map(([part, rows]) => ({
          ...part,
          counts: countStates(rows),
          rows: rows.reduce((sum, row) => sum + row.distinctRows, 0),
        })),
      ),
    gapReasons: (scope, limit) =>
      answer(
        groupBy(
          inScope(scope).filter(({ state }) => !isComplete(state)),
          ({ state, reason }) => ({ state, reason }),
        )
          .map(([cause, rows]) => ({ ...cause, objects: rows.length }))
          .slice(0, limit),
      ),
    findGaps: (wanted) => {
      asked.gaps = wanted
      const { since, limit, range } = wanted
      const found = gaps
        .filter((gap) => gap.to > range.from && gap.from < range.to)
        .filter((gap) => !since || orderOf(gap) >= orderOf(since))
      return answer(found.slice(0, limit))
    },
    listInstruments: (exchange) =>
      answer(
        store.instruments.filter((known) => exchange === undefined || known.exchange === exchange),
      ),
    derivedStandings: (all) =>
      answer(all.map(({ name }) => store.standings[name] ?? { made: [], stale: [], missing: [] })),
    listHoles: (page) => {
      asked.holes = page
      return answer(store.holes.slice(0, page.limit))
    },
    loadedDatasets: () =>
      answer(
        [...new Set(ledger.map(({ dataset }) => dataset))].map((dataset) => {
          const own = ledger.filter((row) => row.dataset === dataset)
          const partitions = own.map(({ partition }) => partition)
          return {
            dataset,
            counts: countStates(own),
            rows: own.reduce((sum, row) => sum + row.distinctRows, 0),
            bytes: own.reduce((sum, row) => sum + row.size, 0),
            first: Math.min(...partitions),
            last: Math.max(...partitions),
          }
        }),
      ),
    newestRows: (newest) => {
      asked.newest = newest
      return answer(shown.length > 0 ? newest.range : undefined)
    },
    lastRows: (wanted) => {
      asked.rows = wanted
      return answer(shown.slice(-wanted.limit))
    },
    findToReset: ({ datasets, range }) =>
      answer(
        datasets.flatMap(({ id, symbols, partitionLength }) =>
          ledger.filter((row) => {
            const { minTs = row.partition * 1_000, maxTs = minTs + partitionLength * 1_000 - 1 } =
              row
            const touches = maxTs >= range.from * 1_000 && minTs < range.to * 1_000
            const wanted = row.dataset === id && (!symbols || symbols.includes(row.symbol))
            return wanted && touches && row.state !== 'reset'
          }),
        ),
      ),
    foreignTable: ({ view }) => answer(store.standing.get(view.name) ?? ('nothing' as const)),
    settlePicks: () => Promise.resolve(0),
    resetLedger: (rows, note) => {
      for (const row of rows) ledger[ledger.indexOf(row)] = resetRow(row, note)
      return answer(undefined)
    },
  }
  async function answer<T>(value: T): Promise<T> {
    await Promise.resolve()
    if (store.away) throw new StoreUnavailableError('connect ECONNREFUSED 127.0.0.1:9000')
    return value
  }
  return store
}
