import { formatUsd } from '@backtide/core/prices'
import type { Backfill } from '../answers.ts'
import type { Budget, Spent } from '../cost-answers.ts'
import { formatBytes, formatNumber, formatTable } from './format.ts'

/** What was spent this month, for people. */
export function showBudget({ month, spent, limitUsd, remainingUsd, ...more }: Budget): string {
  const { confirmUsd, pricesOf, sources, backfills } = more
  const left = remainingUsd === null ? 'no limit' : `${formatUsd(remainingUsd)} left`
  const limit = limitUsd === null ? '' : ` of ${formatUsd(limitUsd)}`
  const head: (readonly string[])[] = [
    [month, `${formatUsd(spent.usd)}${limit}`, left],
    ...(confirmUsd === null ? [] : [['asks above', formatUsd(confirmUsd), 'a backfill']]),
    ['list prices', pricesOf, ''],
  ]
  const rows = [
    ...sources.map(({ source, ...sum }) => [source, ...describeSpent(sum)]),
    ...backfills.map(({ id, ...sum }) => [id, ...describeSpent(sum)]),
  ]
  return [formatTable(head), ...(rows.length > 0 ? ['', formatTable(rows)] : [])].join('\n')
}

/** `$0.17 of $5.00`; undefined where nothing is charged. */
export function describeCost({ spent: { usd, maxUsd } }: Backfill): string | undefined {
  if (usd === 0 && maxUsd === null) return undefined
  return maxUsd === null ? formatUsd(usd) : `${formatUsd(usd)} of ${formatUsd(maxUsd)}`
}

function describeSpent({ usd, gets, lists, bytes }: Spent): readonly string[] {
  const requests = `${formatNumber(gets)} gets, ${formatNumber(lists)} lists`
  return [formatUsd(usd), formatBytes(bytes), requests]
}
