import {
  CHECK_PRIME,
  checkIntegerSql,
  checkKeySql,
  checkNumber,
  checkProduct,
  checkRowSql,
  remainder,
  toLong,
  toLongSql,
} from '../values/checksum.ts'

export type SideName = 'bid' | 'ask'

/** Key of the row of level -1 of a side, at a timestamp in UTC microseconds. */
export function sideKey(ts: number, side: SideName): number {
  return remainder(ts) + 2 * (side === 'bid' ? 1 : 2)
}

/** By how much the keys of neighbouring levels differ. */
export const LEVEL_STEP = 3

/**
 * Check of a row. The product stays below 2^53, so one remainder is enough. In SQL both amounts are
 * added before the remainder is taken: of very large ones the sum wraps around, as here.
 */
export function checkLevel(key: number, price: number, quantity: number): number {
  return price < COMMON && quantity < COMMON
    ? remainder(key * (1 + checkNumber(price) + 2 * checkNumber(quantity)))
    : checkProduct(key, wrapped([1n, toLong(price), 2n * toLong(quantity)]))
}

/** `checkLevel` in SQL, over columns `ts`, `side`, `level`, `price`, `quantity`. */
export const SNAPSHOT_CHECK_SQL = checkRowSql(
  checkKeySql([
    checkIntegerSql('ts'),
    `CASE WHEN side = 'bid' THEN 1 ELSE 2 END`,
    // Levels count from -1, and a key has no negative part.
    checkIntegerSql('level + 1'),
  ]),
  [toLongSql('price'), toLongSql('quantity')],
)

/** Amounts below it add up to a LONG. */
const COMMON = 2 ** 53 / 1e8

/** Sum as QuestDB has it, modulo the prime: the least LONG is its NULL, of which all comes to nothing. */
function wrapped(terms: readonly bigint[]): number {
  let sum = 0n
  for (const term of terms) {
    sum = BigInt.asIntN(64, sum + term)
    if (sum === NULL || BigInt.asIntN(64, term) === NULL) return 0
  }
  return Number(sum % BigInt(CHECK_PRIME))
}

const NULL = -(2n ** 63n)
