import { checkNumber, checkNumberSql, checkProduct, checkRowSql } from '../values/checksum.ts'

/** What every trade has, whatever the venue tells beside it. */
export interface TradeValues {
  readonly price: number
  readonly size: number
  /** Whether the taker bought. */
  readonly isBuy: boolean
}

/** Check of a row with a key of its dataset. */
export function checkTrade(key: number, { price, size, isBuy }: TradeValues): number {
  return checkProduct(key, 1 + checkNumber(price) + 2 * checkNumber(size) + (isBuy ? 3 : 6))
}

/** `checkTrade` in SQL, over a key and columns `price`, `size`, `side`. */
export function tradeCheckSql(key: string): string {
  return checkRowSql(key, [
    checkNumberSql('price'),
    checkNumberSql('size'),
    `CASE WHEN side = 'buy' THEN 1 ELSE CASE WHEN side = 'sell' THEN 2 ELSE 0 END END`,
  ])
}
