import {
  checkInteger,
  checkIntegerSql,
  checkNanos,
  checkNumber,
  checkNumberSql,
  checkRow,
  checkRowSql,
} from '../checksum.ts'
import type { Book, Side } from './l2-book-line.ts'

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

/** Out of range is NULL in an array of QuestDB, so a short side needs no case of its own. */
function sideSql(column: string): string[] {
  const parts = [`dim_length(${column}, 2)`]
  for (const level of LEVELS) {
    for (const row of [1, 2, 3]) parts.push(checkNumberSql(`${column}[${row}, ${level}]`))
  }
  return parts
}
