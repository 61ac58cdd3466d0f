import { formatUsd } from './prices.ts'
import type { Range } from './range.ts'

/** Most dollars a limit may be. */
export const MOST_USD = 1_000_000

/** Why a load begins nothing more: a budget is spent. */
export interface Stop {
  /** A sentence, with how to go on. */
  readonly reason: string
  /** The limit of the backfill, where that is what is spent, in USD. */
  readonly maxCostUsd?: number
}

/** What was spent, and how much may be; in USD. */
export interface Spending {
  readonly backfillId: string
  readonly spentUsd: number
  readonly maxCostUsd?: number | undefined
  /** By all backfills in the UTC month. */
  readonly monthSpentUsd: number
  readonly monthlyUsd?: number | undefined
  /** UTC milliseconds. */
  readonly now: number
}

/** The UTC month of an instant (UTC milliseconds). */
export function monthAt(now: number): Range {
  const at = new Date(now)
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()]
  return { from: Date.UTC(year, month, 1), to: Date.UTC(year, month + 1, 1) }
}

/** `2026-11`. */
export function monthKey(now: number): string {
  return new Date(now).toISOString().slice(0, 7)
}

/** Why nothing more may be spent; undefined as long as something may. */
export function stopOf(spending: Spending): Stop | undefined {
  const { backfillId, spentUsd, maxCostUsd, monthSpentUsd, monthlyUsd, now } = spending
  if (maxCostUsd !== undefined && spentUsd >= maxCostUsd) {
    const reason =
      `the budget of ${formatUsd(maxCostUsd)} is spent (${formatUsd(spentUsd)}); to go on: ` +
      `backtide budget raise ${backfillId} USD, then backtide resume ${backfillId}`
    return { reason, maxCostUsd }
  }
  if (monthlyUsd !== undefined && monthSpentUsd >= monthlyUsd) {
    const reason =
      `the budget of ${formatUsd(monthlyUsd)} for ${monthKey(now)} is spent ` +
      `(${formatUsd(monthSpentUsd)}); to go on: set a higher BACKTIDE_MONTHLY_BUDGET_USD for ` +
      `workers and API, or wait for the next month, then backtide resume ${backfillId}`
    return { reason }
  }
  return undefined
}
