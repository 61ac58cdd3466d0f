import type { QueryView } from '@backtide/core/table'

/** Volume is summed over takers only: each match has two fills. Fees are told in many tokens. */
export const FILL_SUMS = `count() AS fills,
    sum(CASE WHEN crossed THEN 1 ELSE 0 END) AS taker_fills,
    sum(price * size) AS quote_turnover,
    sum(CASE WHEN crossed THEN price * size ELSE 0.0 END) AS taker_quote_volume,
    sum(closed_pnl) AS closed_pnl,
    sum(CASE WHEN fee_token = 'USDC' THEN fee ELSE 0.0 END) AS fees_usdc,
    sum(CASE WHEN liquidated_user IS NULL THEN 0 ELSE 1 END) AS liquidation_fills`

/**
 * Views with the names that users of the Rust indexer know: fills in the venue's words, a row a day and
 * coin, and a row a day and user. To be asked for a range of `ts`, or `day`: they compute as they are read.
 */
export const FILL_VIEWS: readonly QueryView[] = [
  {
    name: 'hl_fills',
    query: `SELECT ts, "user", symbol AS coin, market, CASE WHEN side = 'buy' THEN 'B' ELSE 'A' END AS side,
    price AS px, size AS sz, dir, start_position, closed_pnl, hash, oid, tid, crossed, fee, fee_token, cloid,
    twap_id, builder, builder_fee, deployer_fee, priority_gas, liquidated_user, liquidation_mark_price,
    liquidation_method, block_number, block_time
    FROM fills WHERE exchange = 'hyperliquid'`,
  },
  {
    name: 'hl_daily_stats',
    query: `SELECT timestamp_floor('d', ts) AS day, symbol AS coin, market,
    sum(CASE WHEN crossed THEN size ELSE 0.0 END) AS volume,
    sum(CASE WHEN crossed AND side = 'buy' THEN size ELSE 0.0 END) AS taker_buy_volume,
    count_distinct("user") AS users, min(price) AS low, max(price) AS high,
    ${FILL_SUMS} FROM fills WHERE exchange = 'hyperliquid' GROUP BY day, coin, market`,
  },
  {
    name: 'hl_user_stats',
    query: `SELECT timestamp_floor('d', ts) AS day, "user", count_distinct(symbol) AS coins,
    ${FILL_SUMS} FROM fills WHERE exchange = 'hyperliquid' GROUP BY day, "user"`,
  },
]
