import {
  checkIntegerSql,
  checkKeySql,
  checkNumber,
  checkNumberSql,
  checkProduct,
  checkRowSql,
  checkSymbol,
  checkSymbolSql,
  remainder,
} from '../values/checksum.ts'
import { NUMBERS } from './asset-ctxs-row.ts'

/** Check of a row with a key of `contextKey`, over its numbers: NaN where the venue had none. */
export function checkContext(key: number, numbers: Float64Array): number {
  let values = 1
  for (let at = 0; at < numbers.length; at++) {
    const value = numbers[at] ?? Number.NaN
    if (!Number.isNaN(value)) values += (at + 1) * checkNumber(value)
  }
  return checkProduct(key, values)
}

/** Key of a row: its time (UTC microseconds) and the `symbolKey` of its coin. */
export function contextKey(ts: number, symbol: number): number {
  return remainder(remainder(ts) + symbol)
}

/** What a coin adds to the keys of its rows. */
export function symbolKey(coin: string): number {
  return 2 * checkSymbol(coin)
}

/** `checkContext` in SQL, over columns `ts`, `symbol` and the numbers. */
export const CONTEXT_CHECK_SQL = checkRowSql(
  checkKeySql([checkIntegerSql('ts'), checkSymbolSql('symbol')]),
  NUMBERS.map(checkNumberSql),
)
