import { monthAt, monthKey } from '@backtide/core/budget'
import { addUsage, NO_USAGE, PRICES_OF, type Usage } from '@backtide/core/prices'
import type { Spent } from '@backtide/store/spending/spending'
import type { Deps } from '../deps.ts'
import type { BudgetView } from './schemas.ts'

/** Backfills of one answer, at most. */
const MOST_SHOWN = 20

/** What was spent in this UTC month, and what may be. */
export async function viewBudget({ store, settings, now }: Deps): Promise<BudgetView> {
  const { monthlyUsd, confirmUsd } = settings.spending ?? {}
  const spent = await store.spentIn(monthAt(now()))
  const all = sumSpent(spent)
  return {
    month: monthKey(now()),
    spent: all,
    limitUsd: monthlyUsd ?? null,
    remainingUsd: monthlyUsd === undefined ? null : Math.max(0, monthlyUsd - all.usd),
    confirmUsd: confirmUsd ?? null,
    pricesOf: PRICES_OF,
    sources: groupSpent(spent, ({ source }) => source).map(([source, sum]) => ({ source, ...sum })),
    backfills: groupSpent(spent, ({ backfillId }) => backfillId)
      .slice(0, MOST_SHOWN)
      .map(([id, sum]) => ({ id, ...sum })),
  }
}

/** Sum over backfills and sources. */
export function sumSpent(spent: readonly Spent[]): Usage & { usd: number } {
  return spent.reduce((sum, one) => ({ ...addUsage(sum, one), usd: sum.usd + one.usd }), {
    ...NO_USAGE,
    usd: 0,
  })
}

/** Sums by some name, most dollars first. */
function groupSpent(spent: readonly Spent[], nameOf: (one: Spent) => string) {
  const names = [...new Set(spent.map(nameOf))]
  return names
    .map((name) => [name, sumSpent(spent.filter((one) => nameOf(one) === name))] as const)
    .toSorted(([, a], [, b]) => b.usd - a.usd)
}
