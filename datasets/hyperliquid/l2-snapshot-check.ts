import {
  checkIntegerSql,
  checkKeySql,
  checkNumber,
  checkNumberSql,
  checkRowSql,
  remainder,
} from '../values/checksum.ts'

export type SideName = 'bid' | 'ask'

/** Key of the row of level -1 of a side, at a timestamp in UTC microseconds. */
export function sideKey(ts: number, side: SideName): number {
  return remainder(ts) + 2 * (side === 'bid' ? 1 : 2)
}

/** By how much the keys of neighbouring levels differ. */
export const LEVEL_STEP = 3

/** Check of a row. The product stays below 2^53, so one remainder is enough. */
export function checkLevel(key: number, price: number, quantity: number): number {
  return remainder(key * (1 + checkNumber(price) + 2 * checkNumber(quantity)))
}

/** `checkLevel` in SQL, over columns `ts`, `side`, `level`, `price`, `quantity`. */
export const SNAPSHOT_CHECK_SQL = checkRowSql(
  checkKeySql([
    checkIntegerSql('ts'),
    `CASE WHEN side = 'bid' THEN 1 ELSE 2 END`,
    // Levels count from -1, and a key has no negative part.
    checkIntegerSql('level + 1'),
  ]),
  [checkNumberSql('price'), checkNumberSql('quantity')],
)
