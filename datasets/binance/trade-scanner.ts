import { digitAt, NOT_UNDERSTOOD, scanDecimal } from '../values/scan-decimal.ts'
import { LineMemory } from '../values/line-memory.ts'
import { scanInteger } from '../values/scan-integer.ts'
import type { FileTime } from './file-time.ts'
import type { Trade } from './trade.ts'

/**
 * Reads trades as the files have them, byte by byte: columns in their usual order, no sign, no
 * exponent. Such a line is one that the full parse accepts, with the same values; any other is left
 * to that.
 */
export class TradeScanner {
  readonly #memory = new LineMemory()
  readonly #time: FileTime
  readonly #numbers = new Float64Array(TIME + 1)

  constructor(time: FileTime) {
    this.#time = time
  }

  /** Whether the line is such a trade, which `trade` then holds. */
  scan(line: Uint8Array, trade: Trade): boolean {
    const start = this.#memory.open(line)
    const { bytes } = this.#memory
    const numbers = this.#numbers
    let at = scanInteger(bytes, start, numbers, ID)
    if (at < 0 || bytes[at] !== COMMA) return false
    at = scanAmount(bytes, at + 1, numbers, PRICE)
    if (at < 0 || bytes[at] !== COMMA) return false
    at = scanAmount(bytes, at + 1, numbers, SIZE)
    if (at < 0 || bytes[at] !== COMMA) return false
    at = skipAmount(bytes, at + 1)
    if (at < 0 || bytes[at] !== COMMA) return false
    at = scanInteger(bytes, at + 1, numbers, TIME)
    if (at < 0 || bytes[at] !== COMMA) return false
    const maker = at + 1
    at = skipBoolean(bytes, maker)
    if (at < 0 || bytes[at] !== COMMA) return false
    if (skipBoolean(bytes, at + 1) !== start + line.length) return false
    return this.#hold(trade, isTrue(bytes, maker))
  }

  #hold(trade: Trade, isBuyerMaker: boolean): boolean {
    const numbers = this.#numbers
    trade.id = numbers[ID] ?? 0
    trade.price = numbers[PRICE] ?? 0
    trade.size = numbers[SIZE] ?? 0
    trade.ts = this.#time.micros(numbers[TIME] ?? 0)
    trade.isBuy = !isBuyerMaker
    return this.#time.isInside(trade.ts)
  }
}

const ID = 0
const PRICE = 1
const SIZE = 2
const TIME = 3

/**
 * Reads a decimal. Most have 8 decimals, and 16 digits are an exact integer: divided by an exact power
 * of ten it is rounded once.
 */
function scanAmount(bytes: Uint8Array, at: number, numbers: Float64Array, slot: number): number {
  let whole = 0
  let end = at
  let digit = digitAt(bytes, end)
  for (; digit <= 9; digit = digitAt(bytes, ++end)) whole = (Math.imul(whole, 10) + digit) | 0
  const digits = end - at
  if (digits === 0 || digits > 7 || bytes[end] !== POINT) {
    return scanDecimal(bytes, at, numbers, slot)
  }
  const first = ++end
  let decimals = 0
  digit = digitAt(bytes, end)
  for (; digit <= 9; digit = digitAt(bytes, ++end)) {
    decimals = (Math.imul(decimals, 10) + digit) | 0
  }
  if (end - first !== DECIMALS || bytes[end] !== COMMA) return scanDecimal(bytes, at, numbers, slot)
  numbers[slot] = (whole * 1e8 + decimals) / 1e8
  return end
}

/** Where a decimal ends whose value nobody needs; what is longer than any of the venue is not judged. */
function skipAmount(bytes: Uint8Array, at: number): number {
  let end = at
  while (digitAt(bytes, end) <= 9) end++
  if (end === at) return NOT_UNDERSTOOD
  if (bytes[end] === POINT) {
    const first = ++end
    while (digitAt(bytes, end) <= 9) end++
    if (end === first) return NOT_UNDERSTOOD
  }
  return end - at > LONGEST_AMOUNT ? NOT_UNDERSTOOD : end
}

/** Where `True`, `true`, `False` or `false` ends. */
function skipBoolean(bytes: Uint8Array, at: number): number {
  const text = isTrue(bytes, at) ? TRUE : FALSE
  // The first letter is of either case: 32 is all that they differ by.
  if (((bytes[at] ?? 0) | SMALL) !== text[0]) return NOT_UNDERSTOOD
  for (let offset = 1; offset < text.length; offset++) {
    if (bytes[at + offset] !== text[offset]) return NOT_UNDERSTOOD
  }
  return at + text.length
}

function isTrue(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at] ?? 0) | SMALL) === TRUE[0]
}

const DECIMALS = 8
const LONGEST_AMOUNT = 40
const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
const SMALL = 0x20
const COMMA = 0x2c
const POINT = 0x2e
