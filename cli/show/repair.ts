import type { GapCause } from '@backtide/core/gap'
import type { Repair } from '../coverage-answers.ts'
import { formatNumber } from './format.ts'

/** Why gaps of a cause are not touched, and what changes that. */
const WHY_NOT: Partial<Readonly<Record<GapCause, string>>> = {
  missing:
    'the archive did not have them; look again with: backtide backfill … --reprocess missing',
  corrupt: 'they could not be decoded; look again with: backtide backfill … --reprocess corrupt',
  degraded:
    'not all of what they hold could be loaded; look again with: backtide backfill … --reprocess degraded',
  pending:
    'they were looked for not long ago, and will be due again; look now with: backtide backfill …',
}

/** What a repair does, and what it leaves alone, for people. */
export function describeRepair(
  { dataset, repairable, untouched, backfills, left }: Repair,
  dryRun: boolean,
): readonly string[] {
  const size = `${formatNumber(repairable.objects)} objects in ${formatNumber(repairable.gaps)} gaps`
  const verb = dryRun ? 'would load' : 'loads'
  const head =
    repairable.gaps === 0
      ? `${dataset}: nothing is repairable`
      : `${dataset}: ${verb} ${size} with ${counted(backfills.length, 'backfill')}`
  return [
    head,
    ...backfills.map(
      ({ coins, intervals, from, to }) =>
        `  ${from} → ${to}  ${namesOf(coins)}${intervals ? ` at ${intervals.join(', ')}` : ''}`,
    ),
    ...untouched.map(
      ({ cause, objects, gaps }) =>
        `not touched: ${formatNumber(objects)} ${cause} in ${counted(gaps, 'gap')}: ${WHY_NOT[cause] ?? 'no load could change them'}`,
    ),
    ...(left > 0 ? [`${counted(left, 'part')} left: repair again when these have ended`] : []),
  ]
}

function counted(count: number, what: string): string {
  return `${formatNumber(count)} ${what}${count === 1 ? '' : 's'}`
}

function namesOf(coins: readonly string[]): string {
  if (coins[0] === '*') return 'all coins'
  return coins.length > 10
    ? `${coins.slice(0, 10).join(', ')}, … (${coins.length})`
    : coins.join(', ')
}
