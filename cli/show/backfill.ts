import { OBJECT_STATES, type StateCounts } from '@backtide/core/state'
import type { Backfill, BackfillItem, BackfillPage, Retry } from '../answers.ts'
import { describeProgress, isReloading } from '../progress.ts'
import { formatDuration, formatNumber, formatTable } from './format.ts'

/** Status of a backfill for people. */
export function showBackfill(backfill: Backfill): string {
  const { id, dataset, coins, intervals, from, to, state, reason, counts, seconds, retrying } =
    backfill
  const rows: [string, string][] = [
    ['id', id],
    ['dataset', dataset],
    ['coins', coins.join(', ')],
    ...(intervals ? [['intervals', intervals.join(', ')] as [string, string]] : []),
    ['range', `${from} → ${to}`],
    ['state', reason ? `${state} (${reason})` : state],
    ['progress', describeProgress(backfill)],
    ['objects', isReloading(backfill) ? describeReload(backfill) : describeCounts(counts)],
    ['time', formatDuration(seconds)],
    ...retrying.map((retry): [string, string] => ['tried again', describeRetry(retry)]),
    ...(backfill.retryOf ? [['retry of', backfill.retryOf] as [string, string]] : []),
    ['Temporal', backfill.temporalUi],
  ]
  return formatTable(rows)
}

function describeReload({ counts, own }: Backfill): string {
  return `${describeCounts(counts)}; ${formatNumber(own.objects)} of them by this backfill so far`
}

function describeRetry({ day, activity, attempt, error, nextTryAt }: Retry): string {
  const when = nextTryAt === null ? 'under way' : `due ${nextTryAt}`
  return `${day ?? activity}: attempt ${attempt} ${when}; ${error}`
}

/** What became of several backfills, a line each. */
export function showResults(ended: readonly Backfill[]): string {
  const rows = ended.map(({ id, dataset, state, counts, rows: stored, reason }) => [
    dataset,
    state,
    formatNumber(stored),
    describeCounts(counts),
    id,
    reason ?? '',
  ])
  return formatTable([['DATASET', 'STATE', 'ROWS', 'OBJECTS', 'ID', ''], ...rows])
}

/** A list of backfills for people. */
export function showList({ backfills, next }: BackfillPage): string {
  if (backfills.length === 0) return 'no backfills'
  const rows = backfills.map((item) => [
    item.id,
    item.state,
    `${formatNumber(item.total)} objects`,
    describeItem(item),
    item.createdAt,
  ])
  const more = next ? '\n(more: GET /backfills has them page by page)' : ''
  return formatTable([['ID', 'STATE', 'SIZE', 'RESULT', 'CREATED'], ...rows]) + more
}

/** `40 complete, 8 failed`, in the order of the states; zeros are left out. */
export function describeCounts(counts: StateCounts): string {
  const parts = OBJECT_STATES.map((state) => [state, counts[state] ?? 0] as const).filter(
    ([, count]) => count > 0,
  )
  if (parts.length === 0) return 'none settled yet'
  return parts.map(([state, count]) => `${formatNumber(count)} ${state}`).join(', ')
}

function describeItem({ counts, reason }: BackfillItem): string {
  return reason ?? (counts ? describeCounts(counts) : '')
}
