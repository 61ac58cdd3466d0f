import { dayWorkflowId } from '@backtide/core/ids'
import { partitionLength, partitionsOf } from '@backtide/core/partition'
import { DAY_MS, formatInstant, type Range } from '@backtide/core/range'
import { resolveReset, type ResetBody, type ResetRequest } from '@backtide/core/reset-request'
import { ALL_SYMBOLS, crossSeries } from '@backtide/core/series'
import { isComplete } from '@backtide/core/state'
import type { Dataset } from '@backtide/datasets/dataset'
import { derivedOf } from '@backtide/datasets/derived/registry'
import { pickSourcesOf } from '@backtide/datasets/pick-sources'
import type { Registry } from '@backtide/datasets/registry'
import { MOST_RESET, type ResetScope } from '@backtide/store/ledger/reset-ledger'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import type { PicksAsked } from '@backtide/store/picks/settle-picks'
import type { Deps } from '../deps.ts'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import { TemporalUnavailableError } from '../temporal/runs.ts'
import type { ResetView } from './schemas.ts'

/** Objects named in an answer. */
const MOST_NAMED = 100

/**
 * Forgets objects on purpose, so that the next backfill loads them again: all that have rows in a
 * range of a table, whichever dataset they are of.
 * @throws ProblemError 409 while a day of theirs is being loaded, 422 for a request that is wrong
 */
export async function reset(
  deps: Pick<Deps, 'store' | 'registry' | 'runs' | 'now' | 'settings'>,
  body: ResetBody,
): Promise<ResetView> {
  const now = deps.now()
  const request = resolveReset(body, deps.registry, now)
  const dataset = deps.registry.find(body.dataset)
  if (!request.ok || !dataset) throw invalidRequest(request.ok ? [] : request.errors)
  const rows = await deps.store.findToReset(scopeOf(deps.registry, dataset, request.value))
  if (rows.length > MOST_RESET) throw tooMany()
  if (!body.dryRun) {
    await refuseWhileLoading(deps, dataset, request.value.range, rows)
    await deps.store.resetLedger(rows, { reason: reasonOf(body), now })
    await refreshAfter(deps, rows)
    await deps.store.settlePicks(picksOf(deps.registry, dataset, request.value))
  }
  return viewReset(rows, body.dryRun)
}

/**
 * Has what is made of them emptied; while Temporal is away it stays, and `GET /derived` says that it is
 * stale.
 */
async function refreshAfter(
  { runs, settings: { tempo } }: Pick<Deps, 'runs' | 'settings'>,
  rows: readonly LedgerRow[],
): Promise<void> {
  const names = new Set(rows.flatMap(({ dataset }) => derivedOf(dataset)))
  const days = rows.map(({ partition }) => dayOf(partition))
  const range = {
    from: days.reduce((least, day) => Math.min(least, day), Infinity),
    to: days.reduce((most, day) => Math.max(most, day), 0) + DAY_MS,
  }
  for (const name of names) {
    await runs.refreshDerived({ name, tempo }, { range }).catch((error: unknown) => {
      if (!(error instanceof TemporalUnavailableError)) throw error
    })
  }
}

/** All datasets that fill the table of one, as far as they have any of what is to be forgotten. */
function scopeOf(registry: Registry, { table }: Dataset, request: ResetRequest): ResetScope {
  const datasets = registry.all
    .filter((dataset) => dataset.table.name === table.name)
    .map((dataset) => {
      const symbols = seriesOf(dataset, request)
      const length = partitionLength(dataset.granularity)
      return { id: dataset.id, partitionLength: length, ...(symbols && { symbols }) }
    })
    .filter(({ symbols }) => symbols?.length !== 0)
  return { datasets, range: request.range }
}

/** The series that hold rows of the coins to be forgotten; undefined for all there are. */
function seriesOf(
  { symbols, intervals }: Dataset,
  { coins, intervals: named }: ResetRequest,
): readonly string[] | undefined {
  if (!coins) return undefined
  const some = named ? intervals?.filter((interval) => named.includes(interval)) : intervals
  return crossSeries(symbols === 'all' ? ALL_SYMBOLS : coins, some)
}

/** Where rows were dropped of the origin that readers saw, they see another one at once. */
function picksOf(registry: Registry, { table }: Dataset, { range }: ResetRequest): PicksAsked {
  const sources = pickSourcesOf(registry.all, table)
  return { table, sources, range: { ...range }, where: {} }
}

/** A load that began before would write what it found before over the reset. */
async function refuseWhileLoading(
  { runs }: Pick<Deps, 'runs'>,
  { table }: Dataset,
  { from, to }: Range,
  rows: readonly LedgerRow[],
): Promise<void> {
  const days = new Set(partitionsOf({ from: dayOf(from), to }, 'day'))
  for (const { partition } of rows) days.add(dayOf(partition))
  const ids = new Set([...days].map((day) => dayWorkflowId(table.view.name, day)))
  const loading = (await runs.loadsOf(table.view.name)).filter((id) => ids.has(id))
  if (loading.length === 0) return
  throw new ProblemError({
    code: 'loading',
    detail: `${loading.slice(0, 3).join(', ')}${loading.length > 3 ? ' and others' : ''} is running; pause its backfill, or wait for its end, and reset again.`,
    ids: loading,
  })
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS
}

function tooMany(): ProblemError {
  const detail = `The range has more than ${MOST_RESET} objects; reset it in parts.`
  return invalidRequest([{ pointer: '/to', detail }])
}

function reasonOf({ by = 'the API', reason }: ResetBody): string {
  return reason === undefined ? `reset by ${by}` : `reset by ${by}: ${reason}`
}

function viewReset(rows: readonly LedgerRow[], dryRun: boolean): ResetView {
  return {
    reset: rows.length,
    complete: rows.filter(({ state }) => state !== 'not_listed' && isComplete(state)).length,
    objects: rows.slice(0, MOST_NAMED).map(({ dataset, object, partition, symbol, state }) => ({
      dataset,
      object,
      partition: formatInstant(partition),
      series: symbol,
      state,
    })),
    dryRun,
  }
}
