import { partitionKey, partitionLength } from '@backtide/core/partition'
import { seriesOf } from '@backtide/core/series'
import { readSeam } from '@backtide/core/table'
import type { Dataset } from '@backtide/datasets/dataset'
import type { SeenRow } from '@backtide/store/last-rows'
import type { Deps } from '../deps.ts'
import type { RowsView } from './schemas.ts'

/** The objects that rows are of, by partition, and what the ledger says of each. */
export async function objectsOf(
  { store }: Pick<Deps, 'store'>,
  dataset: Dataset,
  seen: readonly SeenRow[],
): Promise<RowsView['objects']> {
  const owners = new Map<string, Owned>()
  for (const row of seen) {
    const owner = ownerOf(dataset, row)
    const key = `${owner.start} ${owner.series} ${owner.object}`
    owners.set(key, { ...owner, rows: (owners.get(key)?.rows ?? 0) + 1 })
  }
  const all = [...owners.values()].toSorted((a, b) => a.start - b.start)
  const [first, last] = [all[0], all.at(-1)]
  if (!first || !last) return []
  const rows = await store.listLedger({
    dataset: dataset.id,
    symbols: [...new Set(all.map(({ series }) => series))],
    range: { from: first.start, to: last.start + 1 },
    limit: MOST_OBJECTS,
  })
  const states = new Map(rows.map(({ object, state }) => [object, state]))
  return all.map(({ start, series, object, rows: count }) => ({
    partition: partitionKey(start, dataset.granularity),
    series,
    object,
    state: (object !== null && states.get(object)) || 'unknown',
    rows: count,
  }))
}

/** More objects than lie between the first and the last row of one look. */
const MOST_OBJECTS = 100_000

interface Owned {
  /** Of its partition, UTC milliseconds. */
  readonly start: number
  readonly series: string
  /** Null when the dataset has none there: the row is of an earlier version. */
  readonly object: string | null
  readonly rows: number
}

function ownerOf(dataset: Dataset, { values, seam }: SeenRow): Owned {
  const { table, symbolColumn, symbols, granularity, source } = dataset
  const valueOf = (column: string) => values[table.view.columns.indexOf(column)]
  const length = partitionLength(granularity)
  const { partitions, part } = readSeam(seam)
  const at = Date.parse(String(valueOf('ts')))
  const start = (Math.floor(at / length) + partitions) * length
  const interval = dataset.intervals ? String(valueOf('interval')) : undefined
  const series = symbols === 'all' ? '*' : seriesOf(String(valueOf(symbolColumn)), interval)
  return { start, series, object: source.objects(start, series)[part] ?? null, rows: 0 }
}
