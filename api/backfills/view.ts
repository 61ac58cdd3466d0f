import { stateLookedAt } from '@backtide/core/backfill-options'
import { hintsOf } from '@backtide/core/check-scope'
import { formatInstant } from '@backtide/core/range'
import { scopeOf } from '@backtide/core/request'
import { splitSeries } from '@backtide/core/series'
import { openCount, totalCount, type StateCounts } from '@backtide/core/state'
import { countObjects } from '@backtide/datasets/count-objects'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import type { LedgerSummary } from '@backtide/store/ledger/ledger-row'
import { sumSpent } from '../budget/budget.ts'
import { workflowPage, type Deps } from '../deps.ts'
import type { BackfillItem, BackfillView } from './schemas.ts'
import { lookUp, runningState, type Lookup } from './lookup.ts'
import { viewRetrying, warnRetrying } from './retrying.ts'
import { viewRunning } from './running.ts'

/**
 * Status of a backfill: the ledger over its range and series, and Temporal for what runs.
 * @throws StoreUnavailableError while QuestDB is away
 */
export async function viewBackfill(
  deps: Deps,
  found: BackfillRecord,
  options: { readonly ask: boolean } = { ask: true },
): Promise<BackfillView> {
  const [live, ledger, suspended, spent] = await Promise.all([
    lookUp(deps, found, options),
    deps.store.summariseLedger({ ...scopeOf(found.request), backfillId: found.id }),
    deps.store.suspendedTables(),
    deps.store.spentFor([found.id]),
  ])
  const item = viewItem(deps, live)
  const counts = live.record.ended?.counts ?? ledger.counts
  const total = item.total || totalCount(counts)
  const remaining = live.record.ended
    ? Math.max(0, total - totalCount(counts))
    : remainingObjects(total, ledger, live)
  const rate = rateOf(ledger, item.seconds - pausedSeconds(live, deps.now()))
  const pending = live.pending ?? new Map<string, never>()
  const retrying = viewRetrying(pending, deps.settings)
  const shape = deps.registry.find(found.request.dataset) ?? { granularity: 'hour' as const }
  return {
    ...item,
    ...live.progress?.options,
    total,
    counts,
    remaining,
    rows: live.record.ended?.rows ?? ledger.rows,
    bytes: ledger.bytes,
    spent: { ...sumSpent(spent), maxUsd: live.progress?.maxCostUsd ?? item.maxCostUsd ?? null },
    own: ledger.own,
    rate,
    etaSeconds: item.state === 'running' ? etaOf(remaining, rate) : null,
    workers: live.workers,
    running: viewRunning(pending, shape, deps.settings),
    retrying,
    warnings: [
      ...live.warnings,
      ...(live.progress?.warnings ?? []),
      ...warnRetrying(retrying),
      ...(live.record.ended ? [] : suspended.map(suspension)),
    ],
  }
}

/**
 * Status of a backfill that was accepted just now, with `warnings` of how its request was read, and with
 * what in it may be a slip.
 */
export async function viewAccepted(
  deps: Deps,
  record: BackfillRecord,
  warnings: readonly string[],
): Promise<BackfillView> {
  const view = await viewBackfill(deps, record, { ask: false })
  const hints = hintsOf(record.request.symbols)
  return { ...view, warnings: [...warnings, ...view.warnings, ...hints] }
}

function suspension(table: string): string {
  return (
    `table ${table} is suspended: nothing is sent to it until its cause is mended and ` +
    `ALTER TABLE ${table} RESUME WAL was run`
  )
}

/** A backfill as a list shows it: no question to the ledger. */
export function viewItem(deps: Deps, live: Lookup): BackfillItem {
  const { id, createdAt, request, retryOf, ended } = live.record
  const { symbols, range, hours, ...rest } = request
  const { state, reason } = ended
    ? { state: ended.outcome, reason: ended.reason }
    : runningState(live)
  return {
    id,
    ...rest,
    ...splitSeries(symbols),
    ...(hours && { hours: [...hours] }),
    from: formatInstant(range.from),
    to: formatInstant(range.to),
    state,
    ...(reason && { reason }),
    total: sizeOf(deps, live.record),
    counts: ended?.counts ?? null,
    rows: ended?.rows ?? null,
    createdAt: formatInstant(createdAt),
    endedAt: ended ? formatInstant(ended.endedAt) : null,
    seconds: Math.max(0, (ended?.endedAt ?? deps.now()) - createdAt) / 1000,
    ...(retryOf && { retryOf }),
    temporalUi: workflowPage(deps.settings, id),
  }
}

/** Objects of a request; 0 for a dataset that is gone from the registry. */
function sizeOf(deps: Deps, { request }: BackfillRecord): number {
  const dataset = deps.registry.find(request.dataset)
  return dataset ? countObjects(dataset, request.range, request.symbols, request.hours) : 0
}

/**
 * What a running backfill has still to settle. `incomplete`, `repairable` and the choices that name a
 * state skip what the ledger has, but load open objects (`isOpen`), and those in that state, of earlier
 * backfills again: those it has not settled itself, as far as it says so, are still to do.
 */
function remainingObjects(
  total: number,
  ledger: LedgerSummary,
  { record, progress }: Lookup,
): number {
  const { reprocess } = record.request
  const again = stateLookedAt(reprocess)
  if (reprocess === 'all' || reprocess === 'changed') return Math.max(0, total - ledger.own.objects)
  const openOf = (counts: StateCounts) => openCount(counts) + (again ? (counts[again] ?? 0) : 0)
  const open = openOf(ledger.counts)
  const own = progress ? openOf(progress.counts) : open
  return Math.max(0, total - totalCount(ledger.counts)) + Math.max(0, open - own)
}

function rateOf({ own }: LedgerSummary, seconds: number): BackfillView['rate'] {
  if (seconds <= 0 || own.objects === 0) return null
  return {
    objectsPerSecond: round(own.objects / seconds),
    rowsPerSecond: round(own.rows / seconds),
  }
}

/** Seconds that a backfill was paused, as far as it said so. */
function pausedSeconds({ record, progress }: Lookup, now: number): number {
  if (record.ended) return (record.ended.pausedMs ?? 0) / 1000
  const { pausedMs = 0, pausedSince = now } = progress ?? {}
  return (pausedMs + Math.max(0, now - pausedSince)) / 1000
}

function etaOf(remaining: number, rate: BackfillView['rate']): number | null {
  if (remaining === 0) return 0
  return rate && rate.objectsPerSecond > 0 ? round(remaining / rate.objectsPerSecond) : null
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
