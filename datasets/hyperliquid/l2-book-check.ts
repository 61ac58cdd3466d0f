import {
  checkIntegerSql,
  checkKeySql,
  checkNanos,
  checkNumber,
  checkNumberSql,
  checkProduct,
  checkRowSql,
  remainder,
} from '../values/checksum.ts'
import type { Book, Side } from './book.ts'

/**
 * Check of a book's row: its key is both times; of each side go into it the depth, the first level
 * and one more, which the key chooses: all 20 would cost seven times as much, and over the books of
 * an hour none is left out.
 */
export function checkBook(book: Book): number {
  const received = checkNanos(book.receivedMicros, book.receivedNanos)
  const key = remainder(remainder(book.ts) + 2 * received)
  const sides = weighSide(book.bids, key, 1) + weighSide(book.asks, key, 1 + SIDE_PARTS)
  return checkProduct(key, 1 + sides)
}

const KEY_SQL = checkKeySql([checkIntegerSql('ts'), checkIntegerSql('ts_recv')])

/** `checkBook` in SQL, over columns `ts`, `ts_recv`, `bids`, `asks`. */
export const BOOK_CHECK_SQL = checkRowSql(KEY_SQL, [...sideSql('bids'), ...sideSql('asks')])

/** Depth, and price, size and count of two levels. */
const SIDE_PARTS = 7

/** Parts of a side, weighted from `weight` on. */
function weighSide({ prices, sizes, counts, depth }: Side, key: number, weight: number): number {
  if (depth === 0) return 0
  // Integers of 32 bits, which a processor divides faster than doubles.
  const chosen = (key | 0) % depth
  return (
    weight * depth +
    (weight + 1) * checkNumber(prices[0]) +
    (weight + 2) * checkNumber(sizes[0]) +
    (weight + 3) * checkNumber(counts[0]) +
    (weight + 4) * checkNumber(prices[chosen]) +
    (weight + 5) * checkNumber(sizes[chosen]) +
    (weight + 6) * checkNumber(counts[chosen])
  )
}

/** A remainder of zero levels is NULL, and so is an element out of range: a side may be empty. */
function sideSql(column: string): string[] {
  const depth = `dim_length(${column}, 2)`
  const levels = ['1', `((${KEY_SQL}) % ${depth})::int + 1`]
  return [
    depth,
    ...levels.flatMap((level) => {
      return [1, 2, 3].map((row) => checkNumberSql(`${column}[${row}, ${level}]`))
    }),
  ]
}
