import type { LoadInput, LoadResult } from '@backtide/core/backfill'
import { addDifference, type Difference } from '@backtide/core/plan'
import type { StateCounts } from '@backtide/core/state'
import { StoreUnavailableError } from '@backtide/store/errors'
import { hasLaterRows } from '@backtide/store/owned-rows'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import { planObjects } from '@backtide/store/plans/plan-objects'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import { confirm } from './confirm.ts'
import type { LoadContext } from './context.ts'
import { ledgerRow, unlistedRow } from './ledger-row.ts'
import type { LoadedPartition, PlannedPartition, VerifiedResult } from './object.ts'
import { claimPicks, settleLoadedPicks } from './picks.ts'
import { planLoad, takeObjects, type LoadPlan } from './plan.ts'
import { redoDoubtful } from './redo-doubtful.ts'
import { settle } from './settle.ts'
import { transfer } from './transfer.ts'
import { verify } from './verify-partition.ts'

/**
 * Loads partitions of one day from the first that has something to load, as many as one checkpoint
 * takes: ledger → fetch → decode → merge by time → send → wait until applied → read back → ledger → wait
 * until the ledger can be read → picks. Killed anywhere before its ledger rows are visible it is done again,
 * with the same rows; afterwards it is skipped.
 */
export async function loadPartitions(context: LoadContext, input: LoadInput): Promise<LoadResult> {
  const { store, dataset } = context
  context.onProgress({ step: 'planning' })
  await store.ensureTables([dataset.table])
  const epoch = await store.epoch()
  const { partitions, unlisted } = await withPlan(context, input, await planLoad(context, input))
  const { confirmed, left } = await confirm(context, input, partitions, epoch)
  const asOne = await mustBeOne(context, left)
  if (left.length > 0) await claimPicks(context, input)
  const sent = await transfer(context, asOne ? left : takeObjects(left, input.objects), asOne)
  const verified = await redoDoubtful(context, await verify(context, sent))
  await settle(context, verified)
  const loaded = verified.flatMap(({ results }) =>
    results.flatMap((result) => ledgerRow(context, result, epoch) ?? []),
  )
  const rows = [...unlisted.map((one) => unlistedRow(context, one)), ...confirmed, ...loaded]
  await record(context, rows, epoch)
  countSettled(context, rows)
  const until = left[sent.length]?.start ?? input.partitions.to
  const { symbols, partitions: range } = input
  await settleLoadedPicks(context, { symbols, partitions: { from: range.from, to: until } })
  const stopped = sent.length < left.length && context.allowance?.stop()
  const differs = differenceIn(verified)
  return {
    counts: countStates(rows),
    rows: sumRows(rows),
    until,
    ...(stopped && { stopped }),
    ...(differs && { differs }),
  }
}

/** What the plan that is carried out saw goes with each object, and what it did not see is told. */
async function withPlan(
  { store, signal }: LoadContext,
  { planId, partitions: range }: LoadInput,
  plan: LoadPlan,
): Promise<LoadPlan> {
  if (planId === undefined || plan.partitions.length === 0) return plan
  const seen = await planObjects(store.db, planId, range, signal)
  const partitions = plan.partitions.map(({ start, tasks }) => ({
    start,
    tasks: tasks.map((task) => ({
      ...task,
      planned: seen.get(task.key) ?? ('unplanned' as const),
    })),
  }))
  return { ...plan, partitions }
}

function differenceIn(
  partitions: readonly LoadedPartition<VerifiedResult>[],
): Difference | undefined {
  const reasons = partitions.flatMap(({ results }) =>
    results.flatMap((result) => (result.found === 'differs' ? result.reason : [])),
  )
  if (reasons.length === 0) return undefined
  return addDifference(undefined, { objects: reasons.length, samples: reasons })
}

/** Rows of a day that come before others in the table are sent in one transaction. */
async function mustBeOne(
  { store, dataset, signal }: LoadContext,
  [first]: readonly PlannedPartition[],
): Promise<boolean> {
  if (!first) return false
  return await hasLaterRows(store.db, dataset.table.name, first.start, signal)
}

/**
 * Writes the ledger. A QuestDB that was started anew meanwhile may have lost what was read back from
 * the one before.
 * @throws StoreUnavailableError when it was: all of the load is looked at again
 */
async function record(
  context: LoadContext,
  rows: readonly LedgerRow[],
  epoch: number,
): Promise<void> {
  if (rows.length === 0) return
  const { store } = context
  context.onProgress({ step: 'recording' })
  await assertSame(context, epoch)
  await writeLedger(store.db, rows, context)
  await assertSame(context, epoch)
  await store.cleanPoint()
}

function countSettled({ metrics, dataset }: LoadContext, rows: readonly LedgerRow[]): void {
  for (const { state } of rows) metrics.objects.inc({ dataset: dataset.id, state })
  metrics.rows.inc({ dataset: dataset.id }, sumRows(rows))
}

async function assertSame({ store }: LoadContext, epoch: number): Promise<void> {
  if ((await store.epoch()) !== epoch) {
    throw new StoreUnavailableError('QuestDB was started anew during the load: it looks again')
  }
}

function countStates(rows: readonly LedgerRow[]): StateCounts {
  const counts: Record<string, number> = {}
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

function sumRows(rows: readonly LedgerRow[]): number {
  return rows.reduce((sum, row) => sum + row.distinctRows, 0)
}
