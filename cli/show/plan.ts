import { formatUsd } from '@backtide/core/prices'
import { totalCount } from '@backtide/core/state'
import type { Plan } from '../cost-answers.ts'
import { describeCounts } from './backfill.ts'
import { formatBytes, formatDuration, formatNumber, formatTable } from './format.ts'

/** What a backfill would do, for people. */
export function showPlan(plan: Plan): string {
  const { id, dataset, from, to, total, summary } = plan
  const head: (readonly string[])[] = [
    ['plan', id],
    ['dataset', dataset],
    ['range', `${from} → ${to}`],
    ['objects', formatNumber(total)],
  ]
  return formatTable(summary ? [...head, ...describeSummary(summary)] : head)
}

function some(name: string, count: number, what: string): readonly (readonly string[])[] {
  return count > 0 ? [[name, `${formatNumber(count)} ${what}`]] : []
}

function describeSummary(summary: NonNullable<Plan['summary']>): readonly (readonly string[])[] {
  const { load, kept, unchanged, absent, notListed, skipped, exact, cost, rows } = summary
  const { diskBytes, rewrites, etaSeconds } = summary
  const about = exact ? '' : 'about '
  const rewritten = `${formatNumber(rewrites.rows)} rows, ${formatBytes(rewrites.bytes)}, in ${formatNumber(rewrites.days)} days`
  return [
    [
      'load',
      `${formatNumber(load.objects)}, ${about}${formatBytes(load.bytes)}${exact ? '' : ' (estimated from like objects)'}`,
    ],
    ...some('kept raw', kept.objects, `(${formatBytes(kept.bytes)}), not fetched`),
    ...some('unchanged', unchanged, 'asked for, not sent again'),
    ...some('missing', absent.missing, 'not in the archive'),
    ...some('pending', absent.pending, 'not in the archive yet'),
    ...some('not listed', notListed, 'of days when nobody traded them'),
    ...(totalCount(skipped) > 0 ? [['left alone', describeCounts(skipped)]] : []),
    [
      'cost',
      `${about}${formatUsd(cost.usd)}: transfer ${formatUsd(cost.transferUsd)}, requests ${formatUsd(cost.requestsUsd)}; this plan ${formatUsd(cost.listingUsd)}`,
    ],
    ['rows', rows === null ? 'not known yet' : `about ${formatNumber(rows)}`],
    ['disk', diskBytes === null ? 'not known yet' : `about ${formatBytes(diskBytes)}`],
    ...(rewrites.rows > 0 ? [['rewritten', rewritten]] : []),
    ['time', etaSeconds === null ? 'not known yet' : `about ${formatDuration(etaSeconds)}`],
    ['seen', summary.hash.slice(0, 16)],
  ]
}
