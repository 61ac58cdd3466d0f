import type { LoadInput } from '@backtide/core/backfill'
import { settledBefore } from '@backtide/store/ledger/unverified'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import { confirmedRow } from './ledger-row.ts'
import type { LoadContext } from './load-context.ts'
import type { ObjectTask } from './object-load.ts'
import { only, type PlannedPartition } from './plan-load.ts'
import { rowContext } from './record.ts'
import { isOf, readRowsOf } from './verify.ts'

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
  { backfillId, reprocess }: LoadInput,
  planned: readonly PlannedPartition[],
  epoch: number,
): Promise<Confirmation> {
  const doubted = planned.flatMap(({ tasks }) => tasks.filter(isConfirmable))
  if (doubted.length === 0) return { confirmed: [], left: planned }
  const found = await readRowsOf({ ...context, db: context.store.db }, doubted)
  const row = rowContext(context, backfillId, epoch)
  const confirmed = new Map<ObjectTask, LedgerRow>()
  for (const task of doubted) {
    const { before } = task
    const was = before && settledBefore(before)
    const rows = found.filter((one) => isOf(context.dataset, task, one))
    if (was && holds(before, rows)) confirmed.set(task, confirmedRow(row, before, was))
  }
  if (reprocess === 'all') return { confirmed: [], left: withRows(planned, confirmed) }
  const rest = planned.flatMap(({ tasks }) => tasks.filter((task) => !confirmed.has(task)))
  const left = only(planned, new Set(rest))
  return { confirmed: [...confirmed.values()], left }
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

function holds(
  before: LedgerRow,
  rows: readonly {
    readonly rows: number
    readonly check: number
    readonly minTs: number
    readonly maxTs: number
  }[],
): boolean {
  const sum = (of: (one: (typeof rows)[number]) => number) =>
    rows.reduce((total, one) => total + of(one), 0)
  if (sum((one) => one.rows) !== before.distinctRows) return false
  if (sum((one) => one.check) !== before.check) return false
  if (rows.length === 0) return true
  return (
    Math.min(...rows.map((one) => one.minTs)) === before.minTs &&
    Math.max(...rows.map((one) => one.maxTs)) === before.maxTs
  )
}
