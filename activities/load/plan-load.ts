import type { LoadInput, Reprocess } from '@backtide/core/backfill'
import { partitionsOf } from '@backtide/core/partition'
import { isOpen } from '@backtide/core/state'
import type { Dataset } from '@backtide/datasets/dataset'
import { versionAt } from '@backtide/datasets/format-at'
import type { Standing } from '@backtide/store/ledger/ledger-standing'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import type { QuestDb } from '@backtide/store/questdb'
import type { ObjectTask } from './object-load.ts'

/** A partition that has something to load. */
export interface PlannedPartition {
  /** UTC milliseconds. */
  readonly start: number
  readonly tasks: readonly ObjectTask[]
}

/**
 * What is to be done, by partition, ascending; partitions with nothing to do are left out. Asks the
 * ledger, and nobody else, what is done already.
 */
export async function planLoad(
  db: QuestDb,
  dataset: Dataset,
  input: Omit<LoadInput, 'objects'>,
  signal?: AbortSignal,
): Promise<readonly PlannedPartition[]> {
  const { symbols, partitions: range } = input
  const rows = await listLedger(db, { dataset: dataset.id, symbols, range }, signal)
  const known = new Map(rows.map((row) => [`${row.partition} ${row.object}`, row]))
  return partitionsOf(range, dataset.granularity)
    .map((start) => ({
      start,
      tasks: symbols.flatMap((symbol) =>
        dataset.source.objects(start, symbol).flatMap((key): ObjectTask[] => {
          const before = known.get(`${start} ${key}`)
          const decision = decide(before, input, versionAt(dataset, start))
          if (decision === 'skip') return []
          const unless = decision === 'ifChanged' && before ? { unlessEtag: before.etag } : {}
          return [{ partition: start, symbol, key, ...(before ? { before } : {}), ...unless }]
        }),
      ),
    }))
    .filter(({ tasks }) => tasks.length > 0)
}

/** The first partitions that have so many objects together, one at least. */
export function takeObjects(
  partitions: readonly PlannedPartition[],
  objects: number,
): readonly PlannedPartition[] {
  let sum = 0
  const end = partitions.findIndex(({ tasks }) => (sum += tasks.length) > objects)
  return end < 0 ? partitions : partitions.slice(0, Math.max(1, end))
}

/** The part of a plan that some objects are; partitions without one are left out. */
export function only(
  partitions: readonly PlannedPartition[],
  tasks: ReadonlySet<ObjectTask>,
): readonly PlannedPartition[] {
  return partitions
    .map(({ start, tasks: all }) => ({ start, tasks: all.filter((task) => tasks.has(task)) }))
    .filter((partition) => partition.tasks.length > 0)
}

/** Whose load it is and what it loads again. */
export interface Claim {
  readonly backfillId: string
  readonly reprocess: Reprocess
}

/**
 * What to do with an object: `skip` it, fetch it `ifChanged`, or `load` it. A settled row that this
 * very backfill wrote is its own progress: after a crash it is not done twice, whatever the mode.
 */
export function decide(row: Standing | undefined, claim: Claim, version: number): Decision {
  if (!row || (isOpen(row.state) && row.state !== 'pending')) return 'load'
  if (claim.reprocess === 'incomplete') return row.state === 'pending' ? 'load' : 'skip'
  if (row.backfillId === claim.backfillId) return 'skip'
  if (claim.reprocess === 'all') return 'load'
  return row.etag !== '' && row.decoderVersion === version ? 'ifChanged' : 'load'
}

export type Decision = 'skip' | 'ifChanged' | 'load'
