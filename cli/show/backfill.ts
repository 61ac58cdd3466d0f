import { OBJECT_STATES, type StateCounts } from '@backtide/core/state'
import type { Backfill, BackfillItem, BackfillPage, Retry } from '../answers.ts'
import { describeProgress, isReloading } from '../progress.ts'
import { describeCost } from './budget.ts'
import { formatDuration, formatNumber, formatTable } from './format.ts'

/** Status of a backfill for people. */
export function showBackfill(backfill: Backfill): string {
  const { id, dataset, coins, intervals, from, to, state, reason, counts, seconds, retrying } =
    backfill
  const cost = describeCost(backfill)
  const rows: [string, string][] = [
    ['id', id],
    ['dataset', dataset],
    ['coins', coins[0] === '*' ? 'all' : coins.join(', ')],
    ...(intervals ? [['intervals', intervals.join(', ')] as [string, string]] : []),
    ['range', `${from} → ${to}`],
    ...(backfill.hours ? [['hours', backfill.hours.join(', ')] as [string, string]] : []),
    ['state', reason ? `${state} (${reason})` : state],
    ['progress', describeProgress(backfill)],
    ['objects', isReloading(backfill) ? describeReload(backfill) : describeCounts(counts)],
    ['time', formatDuration(seconds)],
    ...(cost === undefined ? [] : [['cost', cost] as [string, string]]),
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
    summariseCoins(item),
    formatNumber(item.total),
    `${item.createdAt.slice(0, 10)} ${item.createdAt.slice(11, 16)}`,
    describeItem(item),
  ])
  const more = next ? '\n(the newest; there are more)' : ''
  return formatTable([['ID', 'STATE', 'COINS', 'OBJECTS', 'CREATED', 'RESULT'], ...rows]) + more
}

/** `40 complete, 8 failed`, in the order of the states; zeros are left out. */
export function describeCounts(counts: StateCounts): string {
  const parts = OBJECT_STATES.map((state) => [state, counts[state] ?? 0] as const).filter(
    ([, count]) => count > 0,
  )
  if (parts.length === 0) return 'nothing yet'
  return parts.map(([state, count]) => `${formatNumber(count)} ${state}`).join(', ')
}

function describeItem({ counts, reason }: BackfillItem): string {
  const text = reason ?? (counts ? describeCounts(counts) : '')
  return text.length > MOST_RESULT ? `${text.slice(0, MOST_RESULT - 1)}…` : text
}

/** Longest result in a list, in characters: `backtide status ID` has all of it. */
const MOST_RESULT = 60

/** `BTC, ETH and 28 more` */
function summariseCoins({ coins }: BackfillItem): string {
  if (coins[0] === '*') return 'all'
  const more = coins.length > 3 ? ` and ${coins.length - 2} more` : ''
  return coins.slice(0, more ? 2 : 3).join(', ') + more
}
