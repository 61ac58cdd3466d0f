import { parseUtcTime } from './time.ts'
import { digitAt, NOT_UNDERSTOOD } from './scan-decimal.ts'

/**
 * Reads times like `parseUtcTime`, with the minute of the last one kept: the lines of an object are
 * near each other in time, so only their seconds are read. Holds what `scan` read last.
 */
export class UtcTimeScanner {
  micros = 0
  /** Nanoseconds (0 to 999) beyond the microseconds. */
  nanos = 0
  readonly #minute = Buffer.from('1970-01-01T00:00:')
  #minuteMicros = 0

  /** Reads the time at a position; returns where it ends, or `NOT_UNDERSTOOD`. */
  scan(bytes: Uint8Array, at: number): number {
    if (!this.#isSameMinute(bytes, at) && !this.#readMinute(bytes, at)) return NOT_UNDERSTOOD
    const tens = digitAt(bytes, at + MINUTE_LENGTH)
    const ones = digitAt(bytes, at + MINUTE_LENGTH + 1)
    if (tens > 5 || ones > 9) return NOT_UNDERSTOOD
    let end = at + MINUTE_LENGTH + 2
    let nanos = 0
    if (bytes[end] === POINT) {
      const first = ++end
      for (let digit = digitAt(bytes, end); digit <= 9; digit = digitAt(bytes, ++end)) {
        nanos = (Math.imul(nanos, 10) + digit) | 0
      }
      const scale = SCALES[end - first]
      if (scale === undefined) return NOT_UNDERSTOOD
      nanos *= scale
    }
    this.nanos = nanos % 1000
    const second = tens * 10 + ones
    this.micros = this.#minuteMicros + second * 1_000_000 + (nanos - this.nanos) / 1000
    return bytes[end] === LETTER_Z ? end + 1 : end
  }

  #isSameMinute(bytes: Uint8Array, at: number): boolean {
    const minute = this.#minute
    for (let offset = MINUTE_LENGTH - 1; offset >= 0; offset--) {
      if (bytes[at + offset] !== minute[offset]) return false
    }
    return true
  }

  #readMinute(bytes: Uint8Array, at: number): boolean {
    const minute = bytes.subarray(at, at + MINUTE_LENGTH)
    const time = parseUtcTime(`${Buffer.from(minute).toString('latin1')}00`)
    if (!time) return false
    this.#minute.set(minute)
    this.#minuteMicros = time.micros
    return true
  }
}

/** Length of `2025-01-01T00:00:`. */
const MINUTE_LENGTH = 17
const POINT = 0x2e
/** Nanoseconds of the last of so many decimals: there are 1 to 9. */
const SCALES = [undefined, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 1]
const LETTER_Z = 0x5a
