import type { JsonCursor } from '../values/json-cursor.ts'
import { LONGEST_WORD } from './fill-parser.ts'
import type { Fill } from './fill.ts'

/**
 * Reads the fields of a fill behind its fee, each once and in any order: nodes put in new ones between
 * the others at times. Two of them every fill has.
 */
export function scanRest(cursor: JsonCursor, fill: Fill): boolean {
  fill.clearRest()
  let seen = 0
  for (let field = nextField(cursor); field >= 0; field = nextField(cursor)) {
    if ((seen & (1 << field)) !== 0 || !scanField(cursor, field, fill)) return false
    seen |= 1 << field
  }
  return (seen & NEEDED) === NEEDED
}

function nextField(cursor: JsonCursor): number {
  for (let field = 0; field < FIELDS.length; field++) {
    const name = FIELDS[field]
    if (name && cursor.skip(name)) return field
  }
  return -1
}

function scanField(cursor: JsonCursor, field: number, fill: Fill): boolean {
  if (field === TID) return scanTid(cursor, fill)
  if (field === FEE_TOKEN) return scanFeeToken(cursor, fill)
  if (cursor.skip(NULL)) return true
  switch (field) {
    case CLOID:
      return scanCloid(cursor, fill)
    case TWAP_ID:
      return scanTwapId(cursor, fill)
    case BUILDER:
      return scanBuilder(cursor, fill)
    case LIQUIDATION:
      return scanLiquidation(cursor, fill)
    default:
      return scanExtraFee(cursor, EXTRA_FEES[field - FIRST_EXTRA_FEE] ?? 'builderFee', fill)
  }
}

function scanTid(cursor: JsonCursor, fill: Fill): boolean {
  if (!cursor.integer()) return false
  fill.tid = cursor.value
  return true
}

function scanFeeToken(cursor: JsonCursor, fill: Fill): boolean {
  if (!cursor.skip(QUOTE) || !cursor.word(LONGEST_WORD)) return false
  fill.feeToken = cursor.text
  return true
}

function scanCloid(cursor: JsonCursor, fill: Fill): boolean {
  if (!cursor.skip(QUOTE) || !cursor.hex(CLOID_DIGITS)) return false
  fill.cloid = cursor.text
  return true
}

function scanTwapId(cursor: JsonCursor, fill: Fill): boolean {
  if (!cursor.integer()) return false
  fill.twapId = cursor.value
  return true
}

function scanBuilder(cursor: JsonCursor, fill: Fill): boolean {
  if (!cursor.skip(QUOTE) || !cursor.hex(ADDRESS)) return false
  fill.builder = cursor.text
  return true
}

function scanLiquidation(cursor: JsonCursor, fill: Fill): boolean {
  if (!cursor.skip(LIQUIDATED_USER_IS) || !cursor.hex(ADDRESS)) return false
  fill.liquidatedUser = cursor.text
  if (!cursor.skip(MARK_PRICE_IS) || !cursor.decimal()) return false
  fill.liquidationMarkPrice = cursor.value
  if (!cursor.skip(METHOD_IS) || !cursor.word(LONGEST_WORD)) return false
  fill.liquidationMethod = cursor.text
  return cursor.skip(CLOSING_BRACE)
}

/** Decimal text, or an integer. */
function scanExtraFee(cursor: JsonCursor, name: (typeof EXTRA_FEES)[number], fill: Fill): boolean {
  const isText = cursor.skip(QUOTE)
  if (!(isText ? cursor.signed() && cursor.skip(QUOTE) : cursor.integer())) return false
  fill[name] = cursor.value
  return true
}

const EXTRA_FEES = ['builderFee', 'deployerFee', 'priorityGas'] as const
const FIELDS = ['tid', 'feeToken', 'cloid', 'twapId', 'builder', 'liquidation', ...EXTRA_FEES].map(
  (name) => Buffer.from(`,"${name}":`),
)
const [TID, FEE_TOKEN, CLOID, TWAP_ID, BUILDER, LIQUIDATION, FIRST_EXTRA_FEE] = [
  0, 1, 2, 3, 4, 5, 6,
] as const
const NEEDED = (1 << TID) | (1 << FEE_TOKEN)

const LIQUIDATED_USER_IS = Buffer.from('{"liquidatedUser":"')
const MARK_PRICE_IS = Buffer.from(',"markPx":"')
const METHOD_IS = Buffer.from('","method":"')
const CLOSING_BRACE = Buffer.from('}')
const QUOTE = Buffer.from('"')
const NULL = Buffer.from('null')

/** Hexadecimal digits. */
const ADDRESS = 40
const CLOID_DIGITS = 32
