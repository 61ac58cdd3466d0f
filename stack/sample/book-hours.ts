import { bookAround } from './book.ts'
import { writeBookLine, type BookLine } from './book-line.ts'
import type { Market } from './market.ts'
import { bellNoise, noise, noiseBetween } from './noise.ts'

/** The hours of a coin to write. */
export interface HoursOptions {
  readonly market: Market
  /** Start of the first hour, UTC milliseconds. */
  readonly start: number
  readonly hours: number
  readonly booksPerHour: number
  readonly seed: number
}

const HOUR_MS = 3_600_000

/** The lines of each hour, one price walk over all of them. */
export function* bookHours(options: HoursOptions): Generator<string[]> {
  const { market, start, hours, booksPerHour } = options
  const seed = Math.floor(noise(options.seed, ...Buffer.from(market.coin)) * 2 ** 31)
  const firstMid = Math.round(market.price * 10 ** market.priceDecimals)
  const move = (firstMid * market.dailyMove) / Math.sqrt(24 * booksPerHour)
  let mid = firstMid
  for (let hour = 0; hour < hours; hour++) {
    const lines: string[] = []
    for (let book = 0; book < booksPerHour; book++) {
      const index = hour * booksPerHour + book
      const moved = Math.round(mid + move * bellNoise(seed, index))
      mid = Math.max(50, moved)
      const clocks = clocksOf(start + hour * HOUR_MS, book, options, seed, index)
      lines.push(writeBookLine(market, { ...clocks, ...bookAround(market, mid, index, seed) }))
    }
    yield lines
  }
}

/**
 * When a book was made and when it was recorded. The recorder cuts the hour by its own clock, so
 * the first book of an hour is stamped in the hour before.
 */
function clocksOf(
  hourStart: number,
  book: number,
  { booksPerHour }: HoursOptions,
  seed: number,
  index: number,
): Pick<BookLine, 'time' | 'receivedNs'> {
  const spacing = HOUR_MS / booksPerHour
  const jitter = Math.floor(noise(seed, index, 1) * spacing * 0.8)
  const time =
    book === 0
      ? hourStart - noiseBetween(20, 400, seed, index, 2)
      : hourStart + Math.floor(book * spacing) + jitter
  const earliest = Math.max(time, hourStart)
  const latencyNs = noiseBetween(60_000_001, 399_999_999, seed, index, 3)
  return { time, receivedNs: BigInt(earliest) * 1_000_000n + BigInt(latencyNs) }
}
