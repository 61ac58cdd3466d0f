import { digitAt, NOT_UNDERSTOOD } from './scan-decimal.ts'

/**
 * Reads the integer at a position into `values[slot]`: at most 16 digits without leading zeros, that a
 * double keeps. Returns where it ends, or `NOT_UNDERSTOOD`.
 */
export function scanInteger(
  bytes: Uint8Array,
  at: number,
  values: Float64Array,
  slot: number,
): number {
  let end = at
  let high = 0
  let low = 0
  let digit = digitAt(bytes, end)
  if (digit > 9) return NOT_UNDERSTOOD
  for (; digit <= 9 && end - at < HALF; digit = digitAt(bytes, ++end)) {
    high = (Math.imul(high, 10) + digit) | 0
  }
  const half = end
  for (; digit <= 9 && end - half < HALF; digit = digitAt(bytes, ++end)) {
    low = (Math.imul(low, 10) + digit) | 0
  }
  if (digit <= 9 || (end - at > 1 && bytes[at] === DIGIT_0)) return NOT_UNDERSTOOD
  const value = high * (POWERS_OF_TEN[end - half] ?? 1) + low
  if (value > Number.MAX_SAFE_INTEGER) return NOT_UNDERSTOOD
  values[slot] = value
  return end
}

/** As many digits fit an integer of the processor. */
const HALF = 8
const POWERS_OF_TEN = Float64Array.from({ length: HALF + 1 }, (_, power) => 10 ** power)
const DIGIT_0 = 0x30
