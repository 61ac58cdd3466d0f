import { versionAt, type Dataset } from '@backtide/datasets/dataset'
import { settledBefore } from '@backtide/store/ledger/unverified'
import { NOTHING_KNOWN, type LedgerRow } from '@backtide/store/ledger/ledger-row'
import { isComplete, isOpen } from '@backtide/core/state'
import { judge, totalOf } from './judge.ts'
import type { DecodedResult, ObjectResult, ObjectTask } from './object-load.ts'
import type { Verdict } from './verify.ts'
import { union, ledgerWindow, windowOf } from './window.ts'

/** What all rows of one load have in common. */
export interface RowContext {
  readonly dataset: Dataset
  readonly backfillId: string
  /** UTC milliseconds. */
  readonly now: number
  /** Start of the QuestDB that the rows were read back from, UTC milliseconds. */
  readonly epoch: number
  readonly isFinal: (partition: number) => boolean
}

/** What is known of an object once its rows were read back. */
export interface Settled {
  readonly verdict: Verdict
  /** Rows found that the object does not have; they are ghosts now. */
  readonly ghosts: number
}

/** The ledger's row for what an object came to; none when a settled one is not to be touched. */
export function ledgerRow(
  context: RowContext,
  result: ObjectResult,
  settled: Settled | undefined,
): LedgerRow | undefined {
  const { task } = result
  switch (result.found) {
    case 'decoded':
      if (!settled) throw new Error(`${task.key} was not read back`)
      return decodedRow(context, result, settled)
    case 'broken':
      return failedRow(context, task, `decoder: ${result.reason}`)
    case 'refused':
      return failedToLook(context, task, result.reason)
    case 'unchanged':
      return task.before && touched(context, task.before)
    default:
      return absentRow(context, task)
  }
}

/** An object that was given up; what is known of its rows stays, as they may be in the table. */
export function failedRow(context: RowContext, task: ObjectTask, reason: string): LedgerRow {
  return { ...(task.before ?? emptyRow(context, task)), ...stamp(context), state: 'failed', reason }
}

/** A settled row is never overwritten by a failure to look again. */
export function failedToLook(
  context: RowContext,
  task: ObjectTask,
  reason: string,
): LedgerRow | undefined {
  if (task.before && !isOpen(task.before.state)) return undefined
  return failedRow(context, task, reason)
}

/** What an object that has rows is while it is being sent again: killed then, it does not count. */
export function reloadingRow(context: RowContext, before: LedgerRow): LedgerRow {
  return { ...before, ...stamp(context), state: 'unverified', reason: 'being loaded again' }
}

/** An unverified object whose rows were read back and found to be what the ledger says. */
export function confirmedRow(context: RowContext, before: LedgerRow, was: Judged): LedgerRow {
  return { ...before, ...stamp(context), ...was, epoch: context.epoch }
}

export type Judged = Pick<LedgerRow, 'state' | 'reason'>

function decodedRow(
  context: RowContext,
  { task, etag, size, tally }: DecodedResult,
  { verdict, ghosts }: Settled,
): LedgerRow {
  const { partition } = task
  const { state, reason } = judge(tally, verdict, { dataset: context.dataset, partition })
  const own = windowOf(tally.expected)
  // What failed may have left rows of before; a reset by time has to find them.
  const window = state === 'failed' ? union(own, ledgerWindow(task.before)) : own
  return {
    ...emptyRow(context, task),
    state,
    reason,
    epoch: context.epoch,
    etag,
    size,
    contentHash: tally.contentHash,
    lines: tally.lines,
    rows: tally.rows,
    distinctRows: tally.distinctRows,
    check: tally.expected.reduce((sum, { checks }) => checks.reduce((a, b) => a + b, sum), 0),
    superseded: tally.supersededRows,
    ghosts,
    rejected: totalOf(tally.rejected),
    warnings: totalOf(tally.warnings),
    details: detailsOf(tally),
    ...(window ? { minTs: window.from, maxTs: window.to } : {}),
  }
}

/** Rows loaded earlier stay what they are when the archive no longer has their object. */
function absentRow(context: RowContext, task: ObjectTask): LedgerRow {
  const { before } = task
  if (before && isKept(before)) {
    if (before.state === 'unverified') {
      return { ...before, ...stamp(context), ...lost(before), epoch: context.epoch }
    }
    const reason = isComplete(before.state) ? 'absent upstream since it was loaded' : before.reason
    return { ...touched(context, before), reason }
  }
  const state = context.isFinal(task.partition) ? 'missing' : 'pending'
  return { ...emptyRow(context, task), state, reason: 'absent upstream' }
}

/** Whether rows that are in the table for an object stay when its object is absent upstream. */
export function isKept({ state, distinctRows }: LedgerRow): boolean {
  return distinctRows > 0 && (state === 'unverified' || !isOpen(state))
}

/**
 * An unverified object that cannot be had any more: its rows are not those that were read back, or were
 * being replaced. No decoder version stands for them, so that it is loaded when it comes back.
 */
function lost(before: LedgerRow): Pick<LedgerRow, 'state' | 'reason' | 'decoderVersion'> {
  const what = settledBefore(before)
    ? 'rows differ from those verified'
    : 'rows may differ from those verified, as it was being loaded again'
  const reason = `${what}, and the archive does not have the object any more`
  return { state: 'degraded', reason, decoderVersion: 0 }
}

/** Of an earlier QuestDB only what was settled before its last clean point counts: that time stays. */
function touched(context: RowContext, before: LedgerRow): LedgerRow {
  const { backfillId, now } = context
  return { ...before, backfillId, ...(before.epoch === context.epoch ? { checkedAt: now } : {}) }
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
    epoch: context.epoch,
    decoderVersion: versionAt(context.dataset, task.partition),
    ...NOTHING_KNOWN,
  }
}

function detailsOf({ rejected, warnings, samples }: DecodedResult['tally']): string {
  const some = Object.keys(rejected).length + Object.keys(warnings).length > 0
  return some ? JSON.stringify({ rejected, warnings, samples }) : ''
}
