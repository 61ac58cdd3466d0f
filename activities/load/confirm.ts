import type { LoadInput } from '@backtide/core/backfill'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import { settledBefore } from '@backtide/store/ledger/unverified'
import type { OwnedRows } from '@backtide/store/owned-rows'
import type { LoadContext } from './context.ts'
import { confirmedRow } from './ledger-row.ts'
import { only, type ObjectTask, type PlannedPartition } from './object.ts'
import { readRowsOf } from './verify-partition.ts'

/** What of a plan needs no loading. */
export interface Confirmation {
  readonly confirmed: readonly LedgerRow[]
  readonly left: readonly PlannedPartition[]
}

/**
 * Reads back the objects that were verified once and may have lost rows since: where the table holds
 * what the ledger says, nothing is fetched.
 */
export async function confirm(
  context: LoadContext,
  { reprocess }: LoadInput,
  planned: readonly PlannedPartition[],
  epoch: number,
): Promise<Confirmation> {
  const doubted = planned.flatMap(({ tasks }) => tasks.filter(isConfirmable))
  if (doubted.length === 0) return { confirmed: [], left: planned }
  const rowsOf = await readRowsOf(context, doubted)
  const confirmed = new Map<ObjectTask, LedgerRow>()
  for (const task of doubted) {
    const { before } = task
    const was = before && settledBefore(before)
    if (was && holds(before, rowsOf(task))) {
      confirmed.set(task, confirmedRow(context, before, was, epoch))
    }
  }
  if (reprocess === 'all') return { confirmed: [], left: withRows(planned, confirmed) }
  return {
    confirmed: [...confirmed.values()],
    left: only(planned, (task) => !confirmed.has(task)),
  }
}

/** What is loaded again all the same, known for what it is: the archive may not have it any more. */
function withRows(
  planned: readonly PlannedPartition[],
  rows: ReadonlyMap<ObjectTask, LedgerRow>,
): readonly PlannedPartition[] {
  const known = (task: ObjectTask): ObjectTask => {
    const before = rows.get(task)
    return before ? { ...task, before } : task
  }
  return planned.map(({ start, tasks }) => ({ start, tasks: tasks.map(known) }))
}

function isConfirmable({ before }: ObjectTask): boolean {
  return before !== undefined && settledBefore(before) !== undefined && before.check !== undefined
}

function holds(before: LedgerRow, rows: readonly OwnedRows[]): boolean {
  const sum = (of: (one: OwnedRows) => number) => rows.reduce((total, one) => total + of(one), 0)
  if (sum((one) => one.rows) !== before.distinctRows) return false
  if (sum((one) => one.check) !== before.check) return false
  if (rows.length === 0) return true
  return (
    Math.min(...rows.map((one) => one.minTs)) === before.minTs &&
    Math.max(...rows.map((one) => one.maxTs)) === before.maxTs
  )
}
