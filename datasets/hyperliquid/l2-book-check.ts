import {
  checkInteger,
  checkIntegerSql,
  checkNanos,
  checkNumber,
  checkNumberSql,
  checkRow,
  checkRowSql,
  remainder,
} from '../checksum.ts'
import type { Book, Side } from './l2-book-line.ts'
import type { BookScanner, SideScanner } from './l2-book-scanner.ts'

/** Levels that go into the check, 1-based as in SQL: all 20 would cost seven times as much. */
const LEVELS = [1, 10]

/** Check of a book's row: both times, and of each side its depth and prices, sizes and counts of two levels. */
export function checkBook({ ts, received, bids, asks }: Book): number {
  return checkRow([
    checkInteger(ts),
    checkNanos(received.micros, received.nanos),
    ...sideParts(bids),
    ...sideParts(asks),
  ])
}

/** `checkBook` of a scanned book, without lists. */
export function checkScannedBook({ ts, received, bids, asks }: BookScanner): number {
  const times = checkInteger(ts) + 2 * checkNanos(received.micros, received.nanos)
  return remainder(times + checkScannedSide(bids, 3) + checkScannedSide(asks, 3 + SIDE_PARTS))
}

/** `checkBook` in SQL, over columns `ts`, `ts_recv`, `bids`, `asks`. */
export const BOOK_CHECK_SQL = checkRowSql([
  checkIntegerSql('ts'),
  checkIntegerSql('ts_recv'),
  ...sideSql('bids'),
  ...sideSql('asks'),
])

function sideParts({ prices, sizes, counts }: Side): number[] {
  const parts = [prices.length]
  for (const level of LEVELS) {
    for (const row of [prices, sizes, counts]) parts.push(checkNumber(row[level - 1]))
  }
  return parts
}

/** Depth, and price, size and count of each level. */
const SIDE_PARTS = 1 + 3 * LEVELS.length

/** Parts of a side, weighted from `weight` on. */
function checkScannedSide({ prices, sizes, counts, depth }: SideScanner, weight: number): number {
  let sum = weight * depth
  let at = weight + 1
  for (const level of LEVELS) {
    if (level > depth) break
    sum += at++ * checkNumber(prices[level - 1])
    sum += at++ * checkNumber(sizes[level - 1])
    sum += at++ * checkNumber(counts[level - 1])
  }
  return sum
}

/** Out of range is NULL in an array of QuestDB, so a short side needs no case of its own. */
function sideSql(column: string): string[] {
  const parts = [`dim_length(${column}, 2)`]
  for (const level of LEVELS) {
    for (const row of [1, 2, 3]) parts.push(checkNumberSql(`${column}[${row}, ${level}]`))
  }
  return parts
}
