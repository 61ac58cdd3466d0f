import type { DayParts, Derived } from '@backtide/core/derived'
import { dataTable, type ColumnType } from '@backtide/core/table'
import { hyperliquidAssetCtxs } from '../hyperliquid/asset-ctxs.ts'
import { FILLS_ID, fillsOf } from './fill-sums.ts'
import { ofDay, readRanges, rowsOf, within } from './sql-text.ts'

const CONTEXTS = hyperliquidAssetCtxs

/** Of the last context of a minute: the column here, and there. */
const STATE = {
  mark_price: 'mark_px',
  oracle_price: 'oracle_px',
  mid_price: 'mid_px',
  impact_bid_price: 'impact_bid_px',
  impact_ask_price: 'impact_ask_px',
  funding: 'funding',
  premium: 'premium',
  open_interest: 'open_interest',
  day_notional_volume: 'day_ntl_vlm',
} as const

/** Of the takers' fills of a minute. */
const TRADED = {
  trades: 'count()',
  volume: 'sum(size)',
  quote_volume: 'sum(price * size)',
  taker_buy_volume: "sum(CASE WHEN side = 'buy' THEN size ELSE 0.0 END)",
} as const

/** Of the matches of a minute in which somebody was liquidated, `closed` being the side of that fill. */
const LIQUIDATED = {
  long_liquidations: "sum(CASE WHEN closed = 'sell' THEN 1 ELSE 0 END)",
  long_liquidation_volume: "sum(CASE WHEN closed = 'sell' THEN size ELSE 0.0 END)",
  long_liquidation_quote_volume: "sum(CASE WHEN closed = 'sell' THEN quote ELSE 0.0 END)",
  short_liquidations: "sum(CASE WHEN closed = 'buy' THEN 1 ELSE 0 END)",
  short_liquidation_volume: "sum(CASE WHEN closed = 'buy' THEN size ELSE 0.0 END)",
  short_liquidation_quote_volume: "sum(CASE WHEN closed = 'buy' THEN quote ELSE 0.0 END)",
} as const

const FLOWS = [...Object.keys(TRADED), ...Object.keys(LIQUIDATED)]

const COUNTS: ReadonlySet<string> = new Set(['trades', 'long_liquidations', 'short_liquidations'])

function typeOf(name: string): ColumnType {
  return COUNTS.has(name) ? 'LONG' : 'DOUBLE'
}

/**
 * What a market was like, a row a coin and minute: prices, funding and open interest as the archive has
 * them at the end of the minute, what was traded in it, and what of that closed positions by force. What
 * the base does not have is NULL: no context, or fills that were not loaded; 0 is said where nobody traded.
 */
const TABLE = dataTable({
  name: 'market_1m',
  columns: {
    ts: 'TIMESTAMP',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    ...Object.fromEntries([...Object.keys(STATE), ...FLOWS].map((name) => [name, typeOf(name)])),
  },
  partitionBy: 'DAY',
  keys: ['ts', 'exchange', 'market', 'symbol'],
})

/** One-minute state of every market. */
export const market1m: Derived = {
  name: 'market_1m',
  title: 'Hyperliquid prices, funding, open interest, volume and liquidations by the minute',
  bases: [CONTEXTS.id, FILLS_ID],
  table: TABLE,
  stepsOf: (parts) => [
    { replaces: ofDay(parts), columns: TABLE.view.columns, queries: [query(parts)] },
  ],
}

/** The three are of the same minutes and coins, each with its own columns. */
function query(parts: DayParts): string {
  const known = within(readRanges(parts, FILLS_ID), 'minute')
  const state = Object.keys(STATE).map((name) => `max(${name})`)
  const flows = FLOWS.map((name) => `CASE WHEN ${known} THEN coalesce(sum(${name}), 0) END`)
  const told = [stateOf(parts), tradedOf(parts), liquidatedOf(parts)]
  return `SELECT minute, exchange, market, symbol, ${[...state, ...flows].join(', ')}
    FROM (${told.join(' UNION ALL ')}) GROUP BY minute, exchange, market, symbol`
}

const BY = `timestamp_floor('m', ts) AS minute, exchange, market, symbol`

function stateOf(parts: DayParts): string {
  const values = Object.entries(STATE).map(([name, column]) => [name, `last(${column})`])
  return `SELECT ${BY}, ${columnsOf(Object.fromEntries(values))}
    ${rowsOf(parts, CONTEXTS)} GROUP BY minute, exchange, market, symbol`
}

function tradedOf(parts: DayParts): string {
  return `SELECT ${BY}, ${columnsOf(TRADED)} ${knownFills(parts)} AND crossed
    GROUP BY minute, exchange, market, symbol`
}

/** Without the few that are stamped in an hour that was not loaded: of that nothing is said. */
function knownFills(parts: DayParts): string {
  return `${fillsOf(parts)} AND ${within(readRanges(parts, FILLS_ID))}`
}

/** Either party's fill may say that it was a liquidation, or both: a match counts once. */
function liquidatedOf(parts: DayParts): string {
  const closed = `CASE WHEN ("user" = liquidated_user) = (side = 'sell') THEN 'sell' ELSE 'buy' END`
  const matches = `SELECT ${BY}, tid, ${closed} AS closed, max(size) AS size,
    max(price * size) AS quote ${knownFills(parts)} AND liquidated_user IS NOT NULL
    GROUP BY minute, exchange, market, symbol, tid, closed`
  return `SELECT minute, exchange, market, symbol, ${columnsOf(LIQUIDATED)} FROM (${matches})
    GROUP BY minute, exchange, market, symbol`
}

/** All columns: those that are given, and nothing of the others. */
function columnsOf(given: Readonly<Record<string, string>>): string {
  return [...Object.keys(STATE), ...FLOWS]
    .map((name) => (given[name] === undefined ? nothing(name) : `${given[name]} AS ${name}`))
    .join(', ')
}

function nothing(name: string): string {
  return `cast(null AS ${typeOf(name).toLowerCase()}) AS ${name}`
}
