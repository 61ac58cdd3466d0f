import type { Derived } from '@backtide/core/derived'
import { tradeCandles } from './candles.ts'
import { dailyStats } from './daily-stats.ts'
import { fills1m } from './fills-1m.ts'
import { market1m } from './market-1m.ts'
import { userStats } from './user-stats.ts'

/** Everything that is made of what was loaded. */
export const DERIVED: readonly Derived[] = [fills1m, dailyStats, userStats, market1m, tradeCandles]

/** What has a name. */
export function findDerived(name: string): Derived | undefined {
  return DERIVED.find((one) => one.name === name)
}

/** Names of what is made of a dataset. */
export function derivedOf(dataset: string): readonly string[] {
  return DERIVED.filter(({ bases }) => bases.includes(dataset)).map(({ name }) => name)
}
