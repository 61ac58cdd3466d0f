import type { S3Source } from '../dataset.ts'
import { APART_MS, TOLERANCE_MS } from '../values/time.ts'

/** Venue as the unified tables name it; the market depends on the coin, see `marketOf`. */
export const VENUE = { exchange: 'hyperliquid' } as const

/** How far the exchange time of a book may lie outside of the hour it was recorded in, in milliseconds. */
export const BOOK_REACH_MS = TOLERANCE_MS + APART_MS

/**
 * Names of coins: case-sensitive, `BTC`, `kPEPE`, `@107`, `PURR/USDC`, `xyz:TSLA`, `#123`. A coin
 * becomes part of a key, so nothing that a path could mean something else by is allowed.
 */
export const COIN = /^(?=.{1,40}$)(?!.*\.\.)[\w@:#][\w@:#.-]*(?:\/[\w@:#][\w@:#.-]*)*$/

/** Names of perpetuals alone, of other dexes too, and `BTC/USD` as people write them: no spot, no outcome. */
export const PERP = /^(?=.{1,40}$)(?!.*\.\.)\w[\w@:#.-]*(?:\/USD)?$/

/** Days after which an object is not expected any more: the archive is uploaded about monthly. */
export const FINAL_AFTER_DAYS = 40

/** Bucket of the historical data, see "Historical data" in Hyperliquid's documentation. */
export function archive(keyOf: (start: number, series: string) => string): S3Source {
  return {
    name: 'hyperliquid-archive',
    kind: 's3',
    bucket: 'hyperliquid-archive',
    region: 'us-east-1',
    requesterPays: true,
    typicalBytes: 1_000_000,
    objects: (start, series) => [keyOf(start, series)],
  }
}

/** `spot`, `outcome` or `perp`, also of another dex (`xyz:TSLA`): a coin's name tells. */
export function marketOf(coin: string): string {
  if (coin.startsWith('@') || coin.includes('/')) return 'spot'
  return coin.startsWith('#') ? 'outcome' : 'perp'
}

/** `BTC` of `BTC/USD`: the venue's dollar is USDC, and what is quoted in it without a pair is a perpetual. */
export function coinOf(written: string): string {
  return /^[^/]+\/USD$/.test(written) ? written.slice(0, -4) : written
}

/** `20250101`, the day of an instant in UTC milliseconds. */
export function compactDay(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10).replaceAll('-', '')
}

/** Key of an hour of order books: `market_data/20250101/7/l2Book/BTC.lz4`, hour not padded. */
export function bookKey(start: number, coin: string): string {
  return `market_data/${compactDay(start)}/${new Date(start).getUTCHours()}/l2Book/${coin}.lz4`
}
