import { hintsOf } from '@backtide/core/check-scope'
import { partitionLength } from '@backtide/core/partition'
import { formatInstant } from '@backtide/core/range'
import { crossSeries } from '@backtide/core/series'
import { isComplete } from '@backtide/core/state'
import type { Dataset } from '@backtide/datasets/dataset'
import { TableGoneError } from '@backtide/store/errors'
import type { SeenRow } from '@backtide/store/last-rows'
import type { Deps } from '../deps.ts'
import { objectsOf } from './row-objects.ts'
import { checkRowsQuery, type RowsQuery } from './rows-query.ts'
import type { RowsView } from './schemas.ts'

/** Most objects that are searched for rows of a coin, where objects hold every coin. */
const MOST_SEARCHED = 40

/**
 * The last rows of a dataset that the ledger knows, and whether they are verified. What is read is
 * bounded by what the ledger says of the latest objects.
 * @throws ProblemError 422 naming what of the query is wrong
 */
export async function showRows(deps: Deps, dataset: Dataset, query: RowsQuery): Promise<RowsView> {
  const { range, coins, intervals } = checkRowsQuery(dataset, query, deps.now())
  const { table, symbolColumn, symbols, constants } = dataset
  const found = await deps.store.newestRows({
    dataset: dataset.id,
    range,
    ...(symbols === 'named' &&
      coins && { series: crossSeries(coins, intervals ?? dataset.intervals) }),
    ...(intervals && { intervals }),
    aroundMs: aroundOf(dataset),
    limit: symbols === 'all' ? Math.min(query.last, MOST_SEARCHED) : query.last,
  })
  const where = {
    ...Object.fromEntries(Object.entries(constants).map(([column, value]) => [column, [value]])),
    ...(coins && { [symbolColumn]: coins }),
    ...(intervals && { interval: intervals }),
  }
  const seen = found
    ? await deps.store
        .lastRows({ table, where, range: found, limit: query.last })
        .catch(noneIfDropped)
    : []
  const objects = await objectsOf(deps, dataset, seen)
  const { view, columns } = table
  return {
    dataset: dataset.id,
    table: view.name,
    from: found ? formatInstant(found.from) : null,
    to: found ? formatInstant(found.to) : null,
    columns: Object.fromEntries(view.columns.map((name) => [name, columns[name] ?? ''])),
    rows: seen.map(({ values }) =>
      Object.fromEntries(view.columns.map((name, at) => [name, values[at]])),
    ),
    verified: objects.length > 0 && objects.every(({ state }) => isVerified(state)),
    objects,
    warnings: seen.length === 0 ? [...hintsOf(coins ?? [])] : [],
  }
}

/** Somebody dropped the table: the ledger still knows its rows. */
function noneIfDropped(error: unknown): readonly SeenRow[] {
  if (error instanceof TableGoneError) return []
  throw error
}

function isVerified(state: RowsView['objects'][number]['state']): boolean {
  return state !== 'unknown' && isComplete(state)
}

/** How far from the start of its object's partition a row is at most, milliseconds. */
function aroundOf({ granularity, reachMs }: Dataset): number {
  return partitionLength(granularity) + reachMs
}
