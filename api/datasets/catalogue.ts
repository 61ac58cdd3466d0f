import { partitionLength } from '@backtide/core/partition'
import { formatInstant } from '@backtide/core/range'
import type { Dataset, Source } from '@backtide/datasets/dataset'
import { StoreUnavailableError } from '@backtide/store/errors'
import type { LoadedDataset } from '@backtide/store/ledger/loaded-datasets'
import type { Deps } from '../deps.ts'
import { missingKey } from './missing-key.ts'
import type { Catalogue, DatasetView, SourceView } from './schemas.ts'

/** Every dataset; `withLoaded`: with what the ledger has of each, while QuestDB answers. */
export async function catalogue(
  { registry, store, settings }: Pick<Deps, 'registry' | 'store' | 'settings'>,
  withLoaded: boolean,
): Promise<Catalogue> {
  const viewDataset = (dataset: Dataset) =>
    describeDataset(dataset, missingKey({ settings }, dataset))
  if (!withLoaded) return { datasets: registry.all.map(viewDataset), warnings: [] }
  const loaded = await store.loadedDatasets().catch(undefinedIfAway)
  if (!loaded) {
    const warning = 'QuestDB does not answer: what is loaded is not known now.'
    return { datasets: registry.all.map(viewDataset), warnings: [warning] }
  }
  const byId = new Map(loaded.map((one) => [one.dataset, one]))
  const datasets = registry.all.map((dataset) => ({
    ...viewDataset(dataset),
    loaded: viewLoaded(dataset, byId.get(dataset.id)),
  }))
  return { datasets, warnings: [] }
}

function undefinedIfAway(error: unknown): undefined {
  if (!(error instanceof StoreUnavailableError)) throw error
}

function viewLoaded(
  { granularity }: Dataset,
  { counts = {}, rows = 0, bytes = 0, first, last }: Partial<LoadedDataset> = {},
): NonNullable<Catalogue['datasets'][number]['loaded']> {
  return {
    counts,
    rows,
    bytes,
    from: first === undefined ? null : formatInstant(first),
    to: last === undefined ? null : formatInstant(last + partitionLength(granularity)),
  }
}

/** Every source once, with the datasets that use it. */
export function viewSources(all: readonly Dataset[]): SourceView[] {
  const byName = new Map(all.map(({ source }) => [source.name, source]))
  return [...byName.values()].map((source) => ({
    ...viewSource(source),
    datasets: all.filter((dataset) => dataset.source.name === source.name).map(({ id }) => id),
  }))
}

/** What of a source is no function. */
function viewSource(source: Source) {
  const { objects: _objects, ...facts } = source
  if (facts.kind !== 'rest') return facts
  const { windowOf: _windowOf, key: _key, ...shown } = facts
  return shown
}

function describeDataset(dataset: Dataset, off: string | undefined): DatasetView {
  const { id, title, granularity, symbols, symbolPattern, begins, finalAfterDays } = dataset
  const { view, columns, keys } = dataset.table
  return {
    id,
    title,
    granularity,
    symbols,
    symbolPattern: symbolPattern.source,
    ...(dataset.intervals && { intervals: [...dataset.intervals] }),
    begins: formatInstant(begins),
    finalAfterDays,
    table: view.name,
    columns: Object.fromEntries(view.columns.map((name) => [name, columns[name] ?? ''])),
    keys: keys.filter((key) => view.columns.includes(key)),
    inexact: [...dataset.inexact],
    source: viewSource(dataset.source),
    ...(off && { off }),
  }
}
