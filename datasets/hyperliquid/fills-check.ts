import {
  checkHex,
  checkHexSql,
  checkInteger,
  checkIntegerSql,
  checkKeySql,
  checkNanos,
  checkNumber,
  checkNumberSql,
  checkProduct,
  checkRowSql,
  checkSymbol,
  checkSymbolSql,
  CHECK_PRIME,
  remainder,
} from '../values/checksum.ts'
import type { Block, Fill } from './fill.ts'

/** What the words of a fill add to its key: one sum over all of them, as they seldom differ. */
export function checkWords({ coin, isBuy, dir, feeToken }: Fill): number {
  return checkSymbol(`${coin}:${isBuy ? 'buy' : 'sell'}:${dir}:${feeToken}`)
}

/** Check of a row whose words have this check. */
export function checkFill(fill: Fill, words: number, block: Block): number {
  const key = remainder(
    remainder(fill.ts) + 2 * words + 3 * remainder(fill.tid) + 4 * checkHex(fill.user),
  )
  const values =
    checkNumber(fill.price) +
    2 * checkNumber(fill.size) +
    3 * checkNumber(fill.startPosition) +
    4 * checkNumber(fill.closedPnl) +
    5 * checkNumber(fill.fee) +
    6 * remainder(fill.oid) +
    (fill.crossed ? 7 : 0) +
    8 * checkHex(fill.hash) +
    9 * checkHex(fill.cloid)
  return checkProduct(key, 1 + values + checkRest(fill) + checkBlock(block))
}

/** Parts of what not every fill has. */
function checkRest(fill: Fill): number {
  return (
    (Number.isNaN(fill.twapId) ? 0 : 10 * remainder(fill.twapId)) +
    11 * checkHex(fill.builder) +
    12 * checkAmount(fill.builderFee) +
    13 * checkAmount(fill.deployerFee) +
    14 * checkAmount(fill.priorityGas) +
    (fill.liquidatedUser === '' ? 0 : checkLiquidation(fill))
  )
}

function checkLiquidation(fill: Fill): number {
  const { liquidatedUser, liquidationMarkPrice, liquidationMethod } = fill
  return (
    15 * checkHex(liquidatedUser) +
    16 * checkNumber(liquidationMarkPrice) +
    17 * checkSymbol(liquidationMethod)
  )
}

function checkBlock({ number, micros, nanos, receivedMicros, receivedNanos }: Block): number {
  if (Number.isNaN(number)) return 0
  return (
    18 * checkInteger(number) +
    19 * checkNanos(micros, nanos) +
    20 * checkNanos(receivedMicros, receivedNanos)
  )
}

function checkAmount(value: number): number {
  return Number.isNaN(value) ? 0 : checkNumber(value)
}

/** `checkFill` in SQL, over all columns of the table. */
export const FILL_CHECK_SQL = checkRowSql(
  checkKeySql([
    checkIntegerSql('ts'),
    checkSymbolSql(`symbol || ':' || side || ':' || dir || ':' || fee_token`),
    checkIntegerSql('tid'),
    checkHexSql('user'),
  ]),
  [
    ...['price', 'size', 'start_position', 'closed_pnl', 'fee'].map(checkNumberSql),
    orNone(checkIntegerSql('oid')),
    'CASE WHEN crossed THEN 1 ELSE 0 END',
    checkHexSql('hash'),
    checkHexSql('cloid'),
    orNone(checkIntegerSql('twap_id')),
    checkHexSql('builder'),
    ...['builder_fee', 'deployer_fee', 'priority_gas'].map(checkNumberSql),
    checkHexSql('liquidated_user'),
    checkNumberSql('liquidation_mark_price'),
    `coalesce(${checkSymbolSql('liquidation_method')}, 0)`,
    ...['block_number', 'block_time', 'ts_recv'].map(checkIntegerSql).map(orNone),
  ],
)

function orNone(expression: string): string {
  return `coalesce(${expression}, 0) % ${CHECK_PRIME}`
}
