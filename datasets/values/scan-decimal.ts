/** What a scanner returns instead of a position when it does not understand what it reads. */
export const NOT_UNDERSTOOD = -1

/** The digit at a position, or a number above 9. Beyond the end there is no digit. */
export function digitAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) - DIGIT_0) >>> 0
}

/**
 * Reads the decimal number at a position, `12`, `0.5` or `1.5e-7`, into `values[slot]`: the double
 * nearest to it, as `Number` gives. Returns where the number ends, or `NOT_UNDERSTOOD` when there is
 * none, or none that is finite. Signs are left to the caller.
 *
 * At most 9 digits fit an integer of the processor: an exact integer over an exact power of ten is
 * rounded once, so correctly (Clinger, "How to Read Floating Point Numbers Accurately", 1990).
 */
export function scanDecimal(
  bytes: Uint8Array,
  at: number,
  values: Float64Array,
  slot: number,
): number {
  let digits = 0
  let end = at
  let digit = digitAt(bytes, end)
  if (digit > 9) return NOT_UNDERSTOOD
  do {
    digits = (Math.imul(digits, 10) + digit) | 0
    digit = digitAt(bytes, ++end)
  } while (digit <= 9)
  let decimals = 0
  if (digit === POINT) {
    const first = ++end
    digit = digitAt(bytes, end)
    if (digit > 9) return NOT_UNDERSTOOD
    do {
      digits = (Math.imul(digits, 10) + digit) | 0
      digit = digitAt(bytes, ++end)
    } while (digit <= 9)
    decimals = end - first
  }
  if (end - at > MOST_DIGITS || isExponent(digit)) return scanLong(bytes, at, values, slot)
  values[slot] = digits / (POWERS_OF_TEN[decimals] ?? 1)
  return end
}

/** Reads the integer at a position, at most 9 digits, no leading zero: what JSON has. */
export function scanCount(
  bytes: Uint8Array,
  at: number,
  values: Float64Array,
  slot: number,
): number {
  let end = at
  let digit = digitAt(bytes, end)
  if (digit > 9) return NOT_UNDERSTOOD
  let count = 0
  do {
    count = (Math.imul(count, 10) + digit) | 0
    digit = digitAt(bytes, ++end)
  } while (digit <= 9)
  const length = end - at
  if (length > MOST_DIGITS || (length > 1 && bytes[at] === DIGIT_0)) return NOT_UNDERSTOOD
  values[slot] = count
  return end
}

const DIGIT_0 = 0x30
const MINUS = 0x2d
const PLUS = 0x2b
/** `.`, `e` and `E` as `digitAt` gives them. */
const POINT = (0x2e - DIGIT_0) >>> 0
const SMALL_E = 0x65 - DIGIT_0
const CAPITAL_E = 0x45 - DIGIT_0

const MOST_DIGITS = 9
/** 10^22 is the largest power of ten that is a double. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`))
const EXACT = 2 ** 53
/** Exponents are read up to this. */
const ENDLESS = 100_000

function isExponent(digit: number): boolean {
  return digit === SMALL_E || digit === CAPITAL_E
}

/** `scanDecimal` of any length, from its first digit: what is not exact is left to `Number`. */
function scanLong(bytes: Uint8Array, at: number, values: Float64Array, slot: number): number {
  let digits = 0
  let end = at
  let decimals = 0
  for (let digit = digitAt(bytes, end); digit <= 9; digit = digitAt(bytes, ++end)) {
    digits = digits * 10 + digit
  }
  if (digitAt(bytes, end) === POINT) {
    const first = ++end
    for (let digit = digitAt(bytes, end); digit <= 9; digit = digitAt(bytes, ++end)) {
      digits = digits * 10 + digit
    }
    decimals = end - first
  }
  let exponent = 0
  if (isExponent(digitAt(bytes, end))) {
    const sign = bytes[end + 1]
    end += sign === MINUS || sign === PLUS ? 2 : 1
    let digit = digitAt(bytes, end)
    if (digit > 9) return NOT_UNDERSTOOD
    for (; digit <= 9; digit = digitAt(bytes, ++end)) {
      exponent = Math.min(exponent * 10 + digit, ENDLESS)
    }
    if (sign === MINUS) exponent = -exponent
  }
  const value = scale(digits, exponent, decimals) ?? Number(textOf(bytes, at, end))
  if (value === Infinity) return NOT_UNDERSTOOD
  values[slot] = value
  return end
}

/**
 * digits × 10^(exponent − decimals) where that is rounded only once. Digits below 2^53 were added up
 * exactly; an exponent that was cut off says nothing about the power.
 */
function scale(digits: number, exponent: number, decimals: number): number | undefined {
  const power = exponent - decimals
  const isKnown = digits < EXACT && Math.abs(exponent) < ENDLESS
  if (!isKnown || power > 22 || power < -22) return undefined
  const factor = POWERS_OF_TEN[Math.abs(power)] ?? 1
  return power < 0 ? digits / factor : digits * factor
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}
