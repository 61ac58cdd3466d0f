import { DAY_MS, HOUR_MS, type Range } from '@backtide/core/range'
import type { Place } from './lines.ts'

/** Coins of the archive; names are case-sensitive. */
export const COINS = ['BTC', 'ETH', 'kPEPE'] as const

/** What is in the archive at first, and what all backfills are about. */
export interface Plan {
  readonly range: Range
  readonly places: readonly Place[]
}

/** Age at which an absent object counts as `missing`; the archive lies on both sides of it. */
export const FINAL_AFTER_DAYS = 40

/**
 * Three consecutive days: the hours around both midnights, and a day's worth of nothing between.
 * @param now UTC milliseconds
 */
export function planArchive(now: number): Plan {
  const second = Math.floor(now / DAY_MS) * DAY_MS - FINAL_AFTER_DAYS * DAY_MS
  const third = second + DAY_MS
  const range = { from: second - 3 * HOUR_MS, to: third + 3 * HOUR_MS }
  const hours = [second, third].flatMap((midnight) =>
    [-3, -2, -1, 0, 1, 2].map((offset) => midnight + offset * HOUR_MS),
  )
  return { range, places: COINS.flatMap((coin) => hours.map((hour) => ({ coin, hour }))) }
}

/** Every object that a backfill of a range and some coins asks for. */
export function askedFor({ from, to }: Range, coins: readonly string[] = COINS): Place[] {
  const hours = Array.from({ length: (to - from) / HOUR_MS }, (_, index) => from + index * HOUR_MS)
  return coins.flatMap((coin) => hours.map((hour) => ({ coin, hour })))
}
