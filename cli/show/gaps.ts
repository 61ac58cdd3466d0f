import { GAP_STATES, type GapState } from '@backtide/core/gap'
import { MAX_UNCONFIRMED } from '@backtide/core/check-scope'
import { stateLookedAt, type Reprocess } from '@backtide/core/backfill-options'
import type { Backfill } from '../answers.ts'
import { formatNumber } from './format.ts'

/** Why an object of a state is a gap. */
const WHY: Readonly<Record<GapState, string>> = {
  missing: 'the archive did not have them',
  pending: 'the archive does not have them yet',
  corrupt: 'they arrived whole and could not be decoded',
  degraded: 'they are loaded, but not all of what they hold',
  failed: 'they were given up',
  reset: 'they were forgotten on purpose',
  unverified: 'their rows have to be read back',
}

/** A line for each state that leaves gaps: how many, why, and the command that can change it. */
export function describeGaps(backfill: Backfill): readonly string[] {
  return GAP_STATES.flatMap((state) => {
    const count = backfill.counts[state] ?? 0
    if (count === 0) return []
    return [`${formatNumber(count)} ${state}: ${WHY[state]}; ${remedyOf(state, backfill)}`]
  })
}

/** The same of the gaps that a retry does not look at. */
export function describeFinal(backfill: Backfill): readonly string[] {
  const { missing = 0, corrupt = 0, degraded = 0 } = backfill.counts
  return describeGaps({ ...backfill, counts: { missing, corrupt, degraded } })
}

/** States that a retry leaves alone are final until somebody asks to look again. */
function remedyOf(state: GapState, backfill: Backfill): string {
  if (stateLookedAt(state as Reprocess) === undefined) {
    return `load again with: backtide retry ${backfill.id}`
  }
  const yes = backfill.total > MAX_UNCONFIRMED ? ' --yes' : ''
  return `look again with: backtide backfill ${scopeOf(backfill)} --reprocess ${state}${yes}`
}

function scopeOf({ dataset, coins, intervals, from, to }: Backfill): string {
  const named = coins[0] === '*' ? '' : ` --coins ${listOf(coins)}`
  const at = intervals ? ` --intervals ${listOf(intervals)}` : ''
  return `${dataset}${named}${at} --from ${from} --to ${to}`
}

function listOf(names: readonly string[]): string {
  return names.length > 20 ? `${names[0]},…` : names.join(',')
}
