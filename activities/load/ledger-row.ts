import { partitionLength } from '@backtide/core/partition'
import { DAY_MS } from '@backtide/core/range'
import { isComplete, isOpen } from '@backtide/core/state'
import { versionAt } from '@backtide/datasets/dataset'
import { settledBefore } from '@backtide/store/ledger/unverified'
import { NOTHING_KNOWN, type LedgerRow } from '@backtide/store/ledger/ledger-row'
import type { Window } from '@backtide/store/row-source'
import type { LoadContext } from './context.ts'
import { judge, totalOf, union, windowOf } from './judge.ts'
import type {
  DecodedObject,
  ObjectTask,
  VerifiedObject,
  VerifiedResult,
  WantedObject,
} from './object.ts'

/** Whose rows they are, and of what. */
export type RowContext = Pick<LoadContext, 'dataset' | 'backfillId' | 'now'>

/**
 * The ledger's row for what an object came to; none when a settled one is not to be touched. `epoch` is
 * the start of the QuestDB that it was read back from, UTC milliseconds.
 */
export function ledgerRow(
  context: RowContext,
  result: VerifiedResult,
  epoch: number,
): LedgerRow | undefined {
  const { task } = result
  switch (result.found) {
    case 'decoded':
      return decodedRow(context, result, epoch)
    case 'broken':
      return failedRow(context, task, task.before, `decoder: ${result.reason}`)
    case 'differs':
      // It is not what was to be loaded: nothing was found out about what is.
      return undefined
    case 'refused':
      // A settled row is never overwritten by a failure to look again.
      if (task.before && !isOpen(task.before.state)) return undefined
      return failedRow(context, task, task.before, result.reason)
    case 'unchanged':
      return task.before && touched(context, task.before, epoch)
    default:
      return absentRow(context, task, epoch)
  }
}

/** An object that was given up; what is known of its rows stays, as they may be in the table. */
export function failedRow(
  context: RowContext,
  object: WantedObject,
  before: LedgerRow | undefined,
  reason: string,
): LedgerRow {
  return { ...(before ?? emptyRow(context, object)), ...stamp(context), state: 'failed', reason }
}

/** An object of a day on which nobody traded its instrument: nothing is asked for. */
export function unlistedRow(context: RowContext, object: WantedObject): LedgerRow {
  return { ...emptyRow(context, object), state: 'not_listed', reason: 'not listed then' }
}

/** What an object that has rows is while it is being sent again: killed then, it does not count. */
export function reloadingRow(context: RowContext, before: LedgerRow): LedgerRow {
  return { ...before, ...stamp(context), state: 'unverified', reason: 'being loaded again' }
}

/** An unverified object whose rows were read back and found to be what the ledger says. */
export function confirmedRow(
  context: RowContext,
  before: LedgerRow,
  was: Judged,
  epoch: number,
): LedgerRow {
  return { ...before, ...stamp(context), ...was, epoch }
}

export type Judged = Pick<LedgerRow, 'state' | 'reason'>

/** First and last timestamp that the ledger knows of an object. */
export function ledgerWindow(row: LedgerRow | undefined): Window | undefined {
  if (row?.minTs === undefined || row.maxTs === undefined) return undefined
  return { from: row.minTs, to: row.maxTs }
}

function decodedRow(
  context: RowContext,
  { task, etag, size, tally, verdict }: VerifiedObject,
  epoch: number,
): LedgerRow {
  const { partition, series } = task
  const { state, reason } = judge(tally, verdict, { dataset: context.dataset, partition, series })
  const own = windowOf(tally.expected)
  // What failed may have left rows of before; a reset by time has to find them.
  const window = state === 'failed' ? union(own, ledgerWindow(task.before)) : own
  return {
    ...emptyRow(context, task),
    state,
    reason,
    epoch,
    etag,
    size,
    contentHash: tally.contentHash,
    lines: tally.lines,
    rows: tally.rows,
    distinctRows: tally.distinctRows,
    check: tally.expected.reduce((sum, { checks }) => checks.reduce((a, b) => a + b, sum), 0),
    superseded: tally.supersededRows,
    ghosts: verdict.ghosts ?? 0,
    rejected: totalOf(tally.rejected),
    warnings: totalOf(tally.warnings),
    details: detailsOf(tally),
    ...(window ? { minTs: window.from, maxTs: window.to } : {}),
  }
}

/** Rows loaded earlier stay what they are when the archive no longer has their object. */
function absentRow(context: RowContext, task: ObjectTask, epoch: number): LedgerRow {
  const { before } = task
  if (before && isKept(before)) {
    if (before.state === 'unverified') {
      return { ...before, ...stamp(context), ...lost(before), epoch }
    }
    const reason = isComplete(before.state) ? 'absent upstream since it was loaded' : before.reason
    return { ...touched(context, before, epoch), reason }
  }
  const state = isFinal(context, task) ? 'missing' : 'pending'
  return { ...emptyRow(context, task), state, reason: 'absent upstream' }
}

/** Whether an object that is absent is not expected any more. */
function isFinal({ dataset, now }: RowContext, { partition }: ObjectTask): boolean {
  const age = now() - (partition + partitionLength(dataset.granularity))
  return age > dataset.finalAfterDays * DAY_MS
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
function touched({ backfillId, now }: RowContext, before: LedgerRow, epoch: number): LedgerRow {
  return { ...before, backfillId, ...(before.epoch === epoch ? { checkedAt: now() } : {}) }
}

function stamp({ backfillId, now }: RowContext): Pick<LedgerRow, 'backfillId' | 'checkedAt'> {
  return { backfillId, checkedAt: now() }
}

function emptyRow(context: RowContext, { partition, series, part, key }: WantedObject): LedgerRow {
  return {
    ...stamp(context),
    partition,
    dataset: context.dataset.id,
    object: key,
    symbol: series,
    state: 'failed',
    reason: '',
    epoch: 0,
    decoderVersion: versionAt(context.dataset, partition, part),
    ...NOTHING_KNOWN,
  }
}

/** Lines of an unusual form are told where they are more than a header: a venue may have added fields. */
function detailsOf({ rejected, warnings, samples, fallbacks }: DecodedObject['tally']): string {
  const some = Object.keys(rejected).length + Object.keys(warnings).length > 0
  const unusual = fallbacks > 1 ? { unusual: fallbacks } : {}
  if (!some && fallbacks <= 1) return ''
  return JSON.stringify({ rejected, warnings, samples, ...unusual })
}
