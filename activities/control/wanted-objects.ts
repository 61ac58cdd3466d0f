import type { Work } from '@backtide/core/backfill'
import { partitionsOf } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import type { Dataset } from '@backtide/datasets/dataset'

/** One object that a range of a dataset should have. */
export interface WantedObject {
  /** Start of its partition, UTC milliseconds. */
  readonly partition: number
  readonly symbol: string
  readonly key: string
}

/** Every object of some symbols in a range, by partition. */
export function wantedObjects(
  dataset: Dataset,
  symbols: Work['symbols'],
  range: Range,
): readonly WantedObject[] {
  return partitionsOf(range, dataset.granularity).flatMap((partition) =>
    symbols.flatMap((symbol) =>
      dataset.source.objects(partition, symbol).map((key) => ({ partition, symbol, key })),
    ),
  )
}

/** What tells an object of the ledger from all others of its dataset. */
export function objectId(partition: number, key: string): string {
  return `${partition} ${key}`
}
