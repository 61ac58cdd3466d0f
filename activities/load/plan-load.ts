import type { LoadInput } from '@backtide/core/backfill'
import { partitionsOf } from '@backtide/core/partition'
import type { Dataset } from '@backtide/datasets/dataset'
import { versionAt } from '@backtide/datasets/format-at'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import type { QuestDb } from '@backtide/store/questdb'
import type { ObjectTask } from './object-load.ts'
import { decide } from './settled.ts'

/** What a load has to do, by partition, ascending; partitions with nothing to do are left out. */
export interface LoadPlan {
  readonly partitions: readonly PlannedPartition[]
  /** Objects that are settled already. */
  readonly skipped: number
}

export interface PlannedPartition {
  /** UTC milliseconds. */
  readonly start: number
  readonly tasks: readonly ObjectTask[]
}

/** Asks the ledger, and nobody else, what is done already. */
export async function planLoad(db: QuestDb, dataset: Dataset, input: LoadInput): Promise<LoadPlan> {
  const { symbols, partitions: range } = input
  const rows = await listLedger(db, { dataset: dataset.id, symbols, range })
  const known = new Map(rows.map((row) => [`${row.partition} ${row.object}`, row]))
  const starts = partitionsOf(range, dataset.granularity)
  const partitions = starts.map((start) => {
    const tasks = symbols.flatMap((symbol): ObjectTask[] => {
      const key = dataset.source.key(start, symbol)
      const before = known.get(`${start} ${key}`)
      const decision = decide(before, input, versionAt(dataset, start))
      if (decision === 'skip') return []
      const unless = decision === 'ifChanged' && before ? { unlessEtag: before.etag } : {}
      return [{ partition: start, symbol, key, ...(before ? { before } : {}), ...unless }]
    })
    return { start, tasks }
  })
  const tasks = partitions.reduce((sum, partition) => sum + partition.tasks.length, 0)
  return {
    partitions: partitions.filter((partition) => partition.tasks.length > 0),
    skipped: starts.length * symbols.length - tasks,
  }
}
