import type { LoadInput, LoadResult } from '@backtide/core/backfill'
import type { StateCounts } from '@backtide/core/state'
import { StoreUnavailableError } from '@backtide/store/errors'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import { hasLaterRows } from '@backtide/store/later-rows'
import { confirm } from './confirm.ts'
import { isKept, ledgerRow, type Settled } from './ledger-row.ts'
import type { LoadContext } from './load-context.ts'
import type { DecodedResult, ObjectResult, ObjectTask } from './object-load.ts'
import { only, planLoad, takeObjects, type PlannedPartition } from './plan-load.ts'
import { rowContext } from './record.ts'
import { sendAgain, buryUnexplained } from './send-again.ts'
import { sendAll } from './send-all.ts'
import { settleShared } from './settle-shared.ts'
import { isOf, readRowsOf, verify } from './verify.ts'

/**
 * Loads partitions of one day from the first that has something to load, as many as one checkpoint
 * takes: ledger → fetch → decode → merge by time → send → wait until applied → read back → ledger → wait
 * until the ledger can be read. Killed anywhere before its ledger rows are visible it is done again,
 * with the same rows; afterwards it is skipped.
 */
export async function loadPartitions(context: LoadContext, input: LoadInput): Promise<LoadResult> {
  const { store, dataset, signal } = context
  context.onProgress({ step: 'planning' })
  await store.ensureTables([dataset.table])
  const epoch = await store.epoch()
  const planned = await planLoad(store.db, dataset, input, signal)
  const { confirmed, left } = await confirm(context, input, planned, epoch)
  const asOne = await mustBeOne(context, left)
  const taken = asOne ? left : takeObjects(left, input.objects)
  const sent = taken.length === 0 ? [] : await sendAll(context, input, { partitions: taken, asOne })
  const results = sent.flatMap((partition) => partition.results)
  const settled = await settle(context, input, taken, results)
  const rows = [...confirmed, ...rowsOf(context, input, epoch, settled)]
  await record(context, rows, epoch)
  const until = left[sent.length]?.start ?? input.partitions.to
  return { counts: countStates(rows), rows: sumRows(rows), until }
}

/** Rows of a day that come before others in the table are sent in one transaction. */
async function mustBeOne(
  { store, dataset, signal }: LoadContext,
  [first]: readonly PlannedPartition[],
): Promise<boolean> {
  if (!first) return false
  return await hasLaterRows(store.db, dataset.table.name, first.start, signal)
}

/** Objects with what their read-back said. */
interface SettledObjects {
  readonly results: readonly ObjectResult[]
  readonly settled: ReadonlyMap<ObjectTask, Settled>
}

/**
 * Reads back what was sent. Objects of which the table holds anything else than their rows, or that
 * were less in order than the window was wide, are sent once more before they are given up.
 */
async function settle(
  context: LoadContext,
  input: LoadInput,
  partitions: readonly PlannedPartition[],
  results: readonly ObjectResult[],
): Promise<SettledObjects> {
  if (results.length === 0) return { results, settled: new Map() }
  context.onProgress({ step: 'verifying' })
  const decoded = results.filter((one): one is DecodedResult => one.found === 'decoded')
  const verdicts = await verify({ ...context, db: context.store.db }, decoded)
  const doubtful = new Set(
    decoded
      .filter(({ task, tally }) => tally.disordered || verdicts.get(task)?.mismatch !== undefined)
      .map(({ task }) => task),
  )
  const again =
    doubtful.size > 0
      ? await sendAgain(context, input, only(partitions, doubtful))
      : { results: [], settled: new Map<ObjectTask, Settled>() }
  await buryAbsent(context, partitions, results)
  await settleShared(context, partitions)
  const first = decoded.flatMap(({ task }) =>
    doubtful.has(task) ? [] : [[task, { verdict: verdicts.get(task) ?? {}, ghosts: 0 }] as const],
  )
  return {
    results: [...results.filter(({ task }) => !doubtful.has(task)), ...again.results],
    settled: new Map([...first, ...again.settled]),
  }
}

/** Rows of objects that were never verified and are gone from the archive are nobody's. */
async function buryAbsent(
  context: LoadContext,
  partitions: readonly PlannedPartition[],
  results: readonly ObjectResult[],
): Promise<void> {
  const absent = results
    .filter(({ found, task }) => found === 'absent' && !(task.before && isKept(task.before)))
    .map(({ task }) => task)
  const found = await readRowsOf({ ...context, db: context.store.db }, absent)
  const unexplained = absent.filter((task) =>
    found.some((rows) => isOf(context.dataset, task, rows)),
  )
  if (unexplained.length > 0) {
    await buryUnexplained(context, only(partitions, new Set(unexplained)))
  }
}

function rowsOf(
  context: LoadContext,
  { backfillId }: LoadInput,
  epoch: number,
  { results, settled }: SettledObjects,
): readonly LedgerRow[] {
  const row = rowContext(context, backfillId, epoch)
  return results.flatMap((result) => ledgerRow(row, result, settled.get(result.task)) ?? [])
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
