import { partitionLength } from '@backtide/core/partition'
import type { PickSource } from '@backtide/core/picks'
import type { DataTable } from '@backtide/core/table'
import type { Dataset } from './dataset.ts'

/** All that fills a table whose origins are picked; none of other tables. */
export function pickSourcesOf(datasets: readonly Dataset[], table: DataTable): PickSource[] {
  const { picked } = table.view
  if (!picked) return []
  const { by, column } = picked
  return datasets
    .filter((dataset) => dataset.table.name === table.name)
    .map(({ id, constants, granularity, reachMs, source }) => ({
      dataset: id,
      origin: constants[column] ?? '',
      constants: Object.fromEntries(
        Object.entries(constants).filter(([name]) => by.includes(name)),
      ),
      partitionMs: partitionLength(granularity),
      reachMs,
      objects: (start, series) => source.objects(start, series).length,
    }))
}
