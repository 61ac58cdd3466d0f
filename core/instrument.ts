import { DAY_MS, type Range } from './range.ts'
import type { Timing } from './timing.ts'

/** When something could be traded, UTC days in milliseconds; what is not known is absent. */
export interface Listing {
  readonly listed?: number
  /** The first day after it was taken off. */
  readonly delisted?: number
}

/** Something that is traded at a venue, as the venue names it. */
export interface Instrument extends Listing {
  readonly exchange: string
  readonly market: string
  readonly symbol: string
  readonly base: string
  readonly quote: string
  readonly settle: string
  /** What the dates are told by; absent where none is known. */
  readonly datesFrom?: 'candles'
  /** Other names people have for it: `BTC/USD`. */
  readonly aliases: readonly string[]
}

/** An instrument as it was last seen, UTC milliseconds. */
export interface KnownInstrument extends Instrument {
  readonly firstSeen: number
  readonly seenAt: number
}

/**
 * Whether there may be anything of an instrument in a range. Dates are days of trades, and books and rates
 * begin before the first and end after the last: a day on either side counts as listed.
 */
export function isListed({ listed, delisted }: Listing, { from, to }: Range): boolean {
  if (listed !== undefined && to <= listed - DAY_MS) return false
  return delisted === undefined || from < delisted + DAY_MS
}

/** Input of the workflow `syncInstruments`. */
export interface SyncInput {
  readonly exchange: string
  readonly tempo: Timing
}

/** How many instruments there are, and how many of them have dates now that had none. */
export interface SyncResult {
  readonly instruments: number
  readonly dated: number
}

/** The venue whose instruments a dataset's symbols are: `hyperliquid` of `hyperliquid.l2_book`. */
export function venueOf(dataset: string): string {
  return dataset.split('.', 1)[0] ?? dataset
}
