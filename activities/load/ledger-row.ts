import type { Dataset } from '@backtide/datasets/dataset'
import { versionAt } from '@backtide/datasets/format-at'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import { isComplete } from '@backtide/core/state'
import { judge, totalOf } from './judge.ts'
import type { DecodedResult, ObjectResult, ObjectTask } from './object-load.ts'
import type { Verdict } from './verify-object.ts'
import { ledgerWindow, union, windowOf } from './window.ts'

/** What all rows of one load have in common. */
export interface RowContext {
  readonly dataset: Dataset
  readonly backfillId: string
  /** UTC milliseconds. */
  readonly now: number
  readonly isFinal: (partition: number) => boolean
}

/** The ledger's row for what an object came to. */
export function ledgerRow(
  context: RowContext,
  result: ObjectResult,
  verdict: Verdict | undefined,
): LedgerRow {
  const { task } = result
  if (result.found === 'decoded') {
    if (!verdict) throw new Error(`${task.key} was not read back`)
    return decodedRow(context, result, verdict)
  }
  if (result.found === 'broken') return failedRow(context, task, `decoder: ${result.reason}`)
  if (result.found === 'unchanged' && task.before) return touched(context, task.before)
  return absentRow(context, task)
}

/** An object that was given up; what is known of its rows stays, as they may be in the table. */
export function failedRow(context: RowContext, task: ObjectTask, reason: string): LedgerRow {
  return { ...(task.before ?? emptyRow(context, task)), ...stamp(context), state: 'failed', reason }
}

function decodedRow(
  context: RowContext,
  { task, etag, size, tally }: DecodedResult,
  verdict: Verdict,
): LedgerRow {
  const { state, reason } = judge(tally, verdict)
  const own = windowOf(tally.expected)
  // Ghosts may lie outside of the object's own window; the next load has to find them again.
  const window =
    verdict.ghosts > 0 || state === 'failed' ? union(own, ledgerWindow(task.before)) : own
  return {
    ...emptyRow(context, task),
    state,
    reason,
    etag,
    size,
    contentHash: tally.contentHash,
    lines: tally.lines,
    rows: tally.rows,
    distinctRows: tally.distinctRows,
    superseded: tally.supersededRows,
    ghosts: verdict.ghosts,
    rejected: totalOf(tally.rejected),
    warnings: totalOf(tally.warnings),
    details: detailsOf(tally),
    ...(window ? { minTs: window.from, maxTs: window.to } : {}),
  }
}

/** Rows loaded earlier stay what they are when the archive no longer has their object. */
function absentRow(context: RowContext, task: ObjectTask): LedgerRow {
  const { before } = task
  if (before && before.distinctRows > 0 && before.state !== 'failed') {
    const reason = isComplete(before.state) ? 'absent upstream since it was loaded' : before.reason
    return { ...touched(context, before), reason }
  }
  const state = context.isFinal(task.partition) ? 'missing' : 'pending'
  return { ...emptyRow(context, task), state, reason: 'absent upstream' }
}

function touched(context: RowContext, before: LedgerRow): LedgerRow {
  return { ...before, ...stamp(context) }
}

function stamp({ backfillId, now }: RowContext): Pick<LedgerRow, 'backfillId' | 'checkedAt'> {
  return { backfillId, checkedAt: now }
}

function emptyRow(context: RowContext, task: ObjectTask): LedgerRow {
  return {
    ...stamp(context),
    partition: task.partition,
    dataset: context.dataset.id,
    object: task.key,
    symbol: task.symbol,
    state: 'failed',
    reason: '',
    decoderVersion: versionAt(context.dataset, task.partition),
    etag: '',
    size: 0,
    contentHash: '',
    lines: 0,
    rows: 0,
    distinctRows: 0,
    superseded: 0,
    ghosts: 0,
    rejected: 0,
    warnings: 0,
    details: '',
    epoch: 0,
  }
}

function detailsOf({ rejected, warnings, samples }: DecodedResult['tally']): string {
  const some = Object.keys(rejected).length + Object.keys(warnings).length > 0
  return some ? JSON.stringify({ rejected, warnings, samples }) : ''
}
