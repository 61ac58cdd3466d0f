/** How many decimal digits a number has that is an integer and not negative. */
export function digitCount(value: number): number {
  let count = 1
  for (let limit = 10; value >= limit; limit *= 10) count++
  return count
}

/**
 * Writes the decimal digits of a safe integer, not negative, into the bytes from `start` to `end`,
 * with zeros in front. Nine digits at a time: processors divide integers faster than doubles.
 */
export function writeDigits(bytes: Uint8Array, value: number, start: number, end: number): void {
  let left = value
  let at = end
  for (; left >= NINE_DIGITS; at -= 9) {
    const rest = Math.floor(left / NINE_DIGITS)
    writeFew(bytes, left - rest * NINE_DIGITS, at - 9, at)
    left = rest
  }
  writeFew(bytes, left, start, at)
}

const NINE_DIGITS = 1_000_000_000
const DIGIT_0 = 0x30

function writeFew(bytes: Uint8Array, value: number, start: number, end: number): void {
  let left = value | 0
  for (let at = end - 1; at >= start; at--) {
    const rest = (left / 10) | 0
    bytes[at] = DIGIT_0 + left - rest * 10
    left = rest
  }
}
