import { DAY_MS } from '@backtide/core/range'
import type { InputOptions } from '../input/archive.ts'
import type { Options } from '../options.ts'

/** First of the days that the inputs lie on, each on days of its own. */
const FIRST_DAY = Date.UTC(2025, 0, 1)

const day = (number: number): number => FIRST_DAY + number * DAY_MS

/** One coin, many books: the input that rates are taken on. */
export const MAIN_INPUT = ({ hours, books }: Options): InputOptions => ({
  coins: ['BTC'],
  start: day(0),
  hours,
  books,
})

/** Four coins with half of the books: BTC has the most. */
export const DURABLE_INPUT = ({ hours, books }: Options): InputOptions => ({
  coins: ['BTC', 'ETH', 'SOL', 'kPEPE'],
  start: day(10),
  hours,
  books: Math.ceil(books / 2),
})

/** 30 days of one small coin. */
export const ORCHESTRATION_INPUT = ({ hours }: Options): InputOptions => ({
  coins: ['PURR'],
  start: day(20),
  hours: 30 * hours,
  books: 50,
})

/** Two whole days of six coins. */
export const AMPLIFICATION_INPUT = ({ books }: Options): InputOptions => ({
  coins: ['ARB', 'BTC', 'DOGE', 'ETH', 'SOL', 'kPEPE'],
  start: day(60),
  hours: 48,
  books: Math.ceil(books / 12),
})

/** One hour of fifty coins. */
export const COINS_INPUT = ({ books }: Options): InputOptions => ({
  coins: Array.from({ length: 50 }, (_, index) => `C${String(index).padStart(2, '0')}`),
  start: day(70),
  hours: 1,
  books: Math.ceil(books / 3),
})

/** A day of 171 coins with few books, whatever the options. */
export const LATE_DAY_INPUT: InputOptions = {
  coins: Array.from({ length: 171 }, (_, index) => `L${String(index).padStart(3, '0')}`),
  start: day(90),
  hours: 24,
  books: 200,
}

/** One object of 1 GiB decoded, whatever the options. */
export const LARGE_INPUT: InputOptions = {
  coins: ['BTC'],
  start: day(80),
  hours: 1,
  books: 660_000,
}
