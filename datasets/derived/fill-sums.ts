import type { DayParts } from '@backtide/core/derived'
import type { ColumnType } from '@backtide/core/table'
import { hyperliquidFills } from '../hyperliquid/fills.ts'
import { completeHours, rowsOf } from './sql-text.ts'

/** Where the fills are that statistics are made of. */
export const FILLS_ID = hyperliquidFills.id

/** Which fills a day is made of. */
export function fillsOf(parts: DayParts): string {
  return rowsOf(parts, hyperliquidFills)
}

/** Columns that `hl_daily_stats` and `hl_user_stats` share, by their names there. */
export const SUM_COLUMNS = {
  fills: 'LONG',
  taker_fills: 'LONG',
  quote_turnover: 'DOUBLE',
  taker_quote_volume: 'DOUBLE',
  closed_pnl: 'DOUBLE',
  fees_usdc: 'DOUBLE',
  liquidation_fills: 'LONG',
} as const satisfies Readonly<Record<string, ColumnType>>

/** Their values over fills. */
export const SUMS = `count() AS fills,
  sum(CASE WHEN crossed THEN 1 ELSE 0 END) AS taker_fills,
  sum(price * size) AS quote_turnover,
  sum(CASE WHEN crossed THEN price * size ELSE 0.0 END) AS taker_quote_volume,
  sum(closed_pnl) AS closed_pnl,
  sum(CASE WHEN fee_token = 'USDC' THEN fee ELSE 0.0 END) AS fees_usdc,
  sum(CASE WHEN liquidated_user IS NULL THEN 0 ELSE 1 END) AS liquidation_fills`

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
    min(price) AS low, max(price) AS high, ${SUMS}
    ${fillsOf(parts)} GROUP BY exchange, market, symbol, "user"`
  const day = `'${new Date(parts.day.from).toISOString()}'::timestamp`
  const columns = [...by, `${completeHours(parts, FILLS_ID)}::int`, ...values, SUMS_OF_SUMS]
  return `SELECT ${day}, ${columns.join(', ')} FROM (${inner}) GROUP BY ${by.join(', ')}`
}
