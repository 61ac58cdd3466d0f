import { readFileSync } from 'node:fs'
import { writeAssetCtxs } from './asset-ctxs.ts'
import { bookHours } from './book-hours.ts'
import { sampleMarket } from './market.ts'
import { oddObject, type Oddity } from './oddities.ts'

/** Start of the sample day, UTC milliseconds. */
export const SAMPLE_DAY = Date.UTC(2025, 0, 1)

export const SAMPLE_COINS: readonly string[] = ['BTC', 'ETH', 'kPEPE']

/** Where an oddity of the sample is. */
export interface OddHour {
  readonly coin: string
  readonly hour: number
  readonly what: Oddity
}

/** An archive is never perfect, and the sample does not pretend that it is. */
export const SAMPLE_ODDITIES: readonly OddHour[] = [
  { coin: 'BTC', hour: 0, what: 'real' },
  { coin: 'BTC', hour: 3, what: 'missing' },
  { coin: 'ETH', hour: 5, what: 'empty_frame' },
  { coin: 'kPEPE', hour: 6, what: 'zero_bytes' },
  { coin: 'ETH', hour: 8, what: 'truncated' },
  { coin: 'BTC', hour: 10, what: 'duplicated_line' },
  { coin: 'kPEPE', hour: 12, what: 'concatenated_frames' },
  { coin: 'BTC', hour: 14, what: 'same_millisecond' },
]

export interface SampleOptions {
  readonly coins?: readonly string[]
  /** Hours from the start of the first day; more than 24 go on into the next days. */
  readonly hours?: number
  readonly booksPerHour?: number
  readonly seed?: number
  /** Start of the first day, UTC milliseconds. */
  readonly day?: number
  readonly oddities?: readonly OddHour[]
}

/** An object of the sample archive. */
export interface SampleObject {
  readonly key: string
  readonly bytes: Uint8Array
  readonly what: Oddity
}

/** Books an hour of the sample; a real hour has thousands. */
export const SAMPLE_BOOKS_PER_HOUR = 300

/**
 * The sample archive: hourly order books by coin, and a day of asset contexts. The same options give
 * the same bytes. Objects that are missing are not there.
 */
export function* sampleObjects(options: SampleOptions = {}): Generator<SampleObject> {
  const { coins = SAMPLE_COINS, day = SAMPLE_DAY, seed = 1 } = options
  for (const coin of coins) yield* booksOf(coin, options)
  const bytes = writeAssetCtxs(coins.map(sampleMarket), day, seed)
  yield { key: `asset_ctxs/${dayName(day)}.csv.lz4`, bytes, what: 'plain' }
}

function* booksOf(coin: string, options: SampleOptions): Generator<SampleObject> {
  const { hours = 24, booksPerHour = SAMPLE_BOOKS_PER_HOUR, seed = 1 } = options
  const { day: start = SAMPLE_DAY, oddities = SAMPLE_ODDITIES } = options
  let hour = 0
  for (const lines of bookHours({ market: sampleMarket(coin), start, hours, booksPerHour, seed })) {
    const odd = oddities.find((one) => one.coin === coin && one.hour === hour)
    const what = odd?.what ?? 'plain'
    const bytes = what === 'real' ? realObject() : oddObject(what, lines)
    if (bytes) yield { key: bookKey(start + hour * 3_600_000, coin), bytes, what }
    hour++
  }
}

/** Key of an hour of books, as in the bucket of the venue: the hour is not padded. */
function bookKey(start: number, coin: string): string {
  return `market_data/${dayName(start)}/${new Date(start).getUTCHours()}/l2Book/${coin}.lz4`
}

function dayName(start: number): string {
  return new Date(start).toISOString().slice(0, 10).replaceAll('-', '')
}

/** Six lines of the real hour 0 of BTC, see README.md. */
function realObject(): Uint8Array {
  return readFileSync(new URL('./archive_l2book_btc.lz4', import.meta.url))
}
