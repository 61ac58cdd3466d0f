import type { BackfillInput } from '@backtide/core/backfill'
import type { FollowInput, TurnInput, TurnPlan, TurnReason } from '@backtide/core/follow'
import { venueOf } from '@backtide/core/instrument'
import { partitionLength } from '@backtide/core/partition'
import { DAY_MS, type Range } from '@backtide/core/range'
import { PRIORITY } from '@backtide/core/running-options'
import { crossSeries } from '@backtide/core/series'
import type { Dataset } from '@backtide/datasets/dataset'
import { listedCoins } from '@backtide/datasets/listed-coins'
import { versionSpans } from '@backtide/datasets/version-spans'
import { listInstruments } from '@backtide/store/instruments/instruments'
import { ledgerStanding } from '@backtide/store/ledger/ledger-standing'
import { partitionStanding } from '@backtide/store/ledger/partition-standing'
import type { Store } from '@backtide/store/store'
import type { Account, ObjectStore } from '../objects/object-store.ts'
import { findReplaced } from './find-replaced.ts'
import { findWork, newestDays, type Work } from './find-work.ts'

export interface TurnContext {
  readonly store: Store
  readonly dataset: Dataset
  readonly objects: ObjectStore
  /** Who pays for listings; absent where nobody has to. */
  readonly account?: Account | undefined
  /** Whether a backfill runs. */
  readonly isRunning: (backfillId: string) => Promise<boolean>
  /** UTC milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
}

/**
 * What is to be done for a range to be whole up to now, by the ledger and, for the recent days, by a listing;
 * the dataset is resolved anew each time, so that a turn goes by the registry of its worker.
 */
export async function planTurn(
  context: TurnContext,
  { follow, createdAt }: TurnInput,
): Promise<TurnPlan> {
  const { dataset, store, now } = context
  await store.ensureTables([dataset.table])
  const length = partitionLength(dataset.granularity)
  const at = now()
  const range = { from: follow.from, to: Math.floor(at / length) * length }
  const symbols = range.to > range.from ? await seriesNow(context, follow, range) : []
  if (symbols.length === 0) return { parts: [] }
  const recentFrom = (Math.floor(at / DAY_MS) - follow.recentDays) * DAY_MS
  const scope = { dataset: dataset.id, symbols, range }
  const work = await lookThrough(context, scope, recentFrom)
  const recent = { ...range, from: Math.max(range.from, recentFrom) }
  const replaced = await lookAtArchive(context, { ...scope, range: recent })
  const withoutGaps = follow.after !== undefined && (await context.isRunning(follow.after))
  const found: readonly (readonly [TurnReason, Range | undefined])[] = [
    ['newest', work.newest],
    ['replaced', replaced],
    ['missing', work.missing],
    ['gaps', withoutGaps ? undefined : work.gaps],
  ]
  const stamp = new Date(createdAt).toISOString().replaceAll(/[-:.Z]/g, '')
  const parts = found.flatMap(([why, part]) => {
    if (!part) return []
    const backfillId = `${follow.followId}.${stamp}.${why}`
    const facts = { backfillId, createdAt, requestHash: backfillId, symbols, range: part }
    return { why, backfill: { ...facts, ...optionsOf(follow, dataset, why) } }
  })
  return { parts }
}

type Scope = {
  readonly dataset: string
  readonly symbols: readonly string[]
  readonly range: Range
}

/** Years are asked about one after the other: a query of all of them takes too many memory maps. */
async function lookThrough(
  { store, dataset, now, signal }: TurnContext,
  scope: Scope,
  recentFrom: number,
): Promise<Work> {
  const judge = { now: now(), versions: versionSpans(dataset.formats) }
  const [series = '*'] = scope.symbols
  const known = []
  for (let { from } = scope.range; from < scope.range.to; from += YEAR_MS) {
    const range = { from, to: Math.min(scope.range.to, from + YEAR_MS) }
    known.push(...(await partitionStanding(store.db, { ...scope, range }, judge, signal)))
  }
  return findWork({
    range: scope.range,
    granularity: dataset.granularity,
    recentFrom,
    objectsAt: (at) => dataset.source.objects(at, series).length * scope.symbols.length,
    known,
  })
}

const YEAR_MS = 366 * DAY_MS

async function lookAtArchive(
  { store, dataset, objects, signal, account }: TurnContext,
  scope: Scope,
): Promise<Range | undefined> {
  if (scope.range.to <= scope.range.from || !objects.listPage) return undefined
  const known = await ledgerStanding(store.db, scope, signal)
  return newestDays(
    await findReplaced(objects, { ...scope, dataset, known }, { signal, account }),
    scope.range,
  )
}

async function seriesNow(
  { store, dataset }: TurnContext,
  { coins, intervals }: FollowInput,
  range: Range,
): Promise<readonly string[]> {
  if (dataset.symbols === 'all' || !coins.includes('*')) return crossSeries(coins, intervals)
  const known = await listInstruments(store.db, venueOf(dataset.id))
  return crossSeries(listedCoins(dataset, known, range), intervals)
}

/** How a part of a turn is loaded. */
function optionsOf(
  { indexed, objectsPerLoad, loadQueue, tempo }: FollowInput,
  dataset: Dataset,
  why: TurnReason,
): Omit<BackfillInput, 'backfillId' | 'createdAt' | 'requestHash' | 'symbols' | 'range'> {
  return {
    dataset: dataset.id,
    table: dataset.table.view.name,
    granularity: dataset.granularity,
    order: 'newest-first',
    reprocess: REPROCESS_OF[why],
    onFailure: 'continue',
    concurrency: 4,
    priority: why === 'gaps' ? PRIORITY.gaps : PRIORITY.repair,
    indexed,
    outcomes: indexed,
    objectsPerLoad,
    loadQueue,
    tempo,
  }
}

const REPROCESS_OF = {
  newest: 'repairable',
  gaps: 'repairable',
  replaced: 'changed',
  missing: 'missing',
} as const satisfies Record<TurnReason, string>
