import type { DayParts } from '@backtide/core/derived'
import type { ColumnType } from '@backtide/core/table'
import { hyperliquidFills } from '../hyperliquid/fills.ts'
import { FILL_SUMS } from '../hyperliquid/fills-views.ts'
import { completeHours, rowsOf } from './sql-text.ts'

/** Where the fills are that statistics are made of. */
export const FILLS_ID = hyperliquidFills.id

/** Which fills a day is made of. */
export function fillsOf(parts: DayParts): string {
  return rowsOf(parts, hyperliquidFills)
}

/** Columns that `hl_daily_stats` and `hl_user_stats` share: those of `FILL_SUMS`. */
export const SUM_COLUMNS = {
  fills: 'LONG',
  taker_fills: 'LONG',
  quote_turnover: 'DOUBLE',
  taker_quote_volume: 'DOUBLE',
  closed_pnl: 'DOUBLE',
  fees_usdc: 'DOUBLE',
  liquidation_fills: 'LONG',
} as const satisfies Readonly<Record<string, ColumnType>>

/** Their values over parts that have them already. */
const SUMS_OF_SUMS = Object.keys(SUM_COLUMNS)
  .map((name) => `sum(${name})`)
  .join(', ')

/**
 * Statistics of a day by some columns. Sums by user and coin come first: to count distinct users, or coins,
 * of millions of fills takes QuestDB's heap, to group by them does not.
 */
export function statistics(
  parts: DayParts,
  by: readonly string[],
  values: readonly string[],
): string {
  const inner = `SELECT exchange, market, symbol, "user",
    sum(CASE WHEN crossed THEN size ELSE 0.0 END) AS volume,
    sum(CASE WHEN crossed AND side = 'buy' THEN size ELSE 0.0 END) AS taker_buy_volume,
    min(price) AS low, max(price) AS high, ${FILL_SUMS}
    ${fillsOf(parts)} GROUP BY exchange, market, symbol, "user"`
  const day = `'${new Date(parts.day.from).toISOString()}'::timestamp`
  const columns = [...by, `${completeHours(parts, FILLS_ID)}::int`, ...values, SUMS_OF_SUMS]
  return `SELECT ${day}, ${columns.join(', ')} FROM (${inner}) GROUP BY ${by.join(', ')}`
}
