import { createHash } from 'node:crypto'

/**
 * Checksums of rows, the same exact integer in JavaScript and in SQL. Float sums depend on the
 * order of a scan; integers below a prime do not, and 2^29 rows of them still add up exactly.
 */
export const CHECK_PRIME = 16_777_213

/** What a number adds to a check: `trunc(x × 10^8)` modulo the prime; 0 for NULL. */
export function checkNumber(value: number | undefined): number {
  if (value === undefined) return 0
  const scaled = value * SCALE
  // Apart from what is rare, so that it is small enough to become part of its callers.
  return scaled >= 0 && scaled < EXACT ? remainder(Math.floor(scaled)) : checkRareNumber(value)
}

function checkRareNumber(value: number): number {
  const scaled = value * SCALE
  if (scaled < 0 && scaled > -EXACT) return -remainder(Math.floor(-scaled))
  return Number(toLong(value) % BigInt(CHECK_PRIME))
}

/** `checkNumber` of a DOUBLE expression in SQL. */
export function checkNumberSql(expression: string): string {
  return `${toLongSql(expression)} % ${CHECK_PRIME}`
}

/** What a rate adds, far below one as funding is: `trunc(x × 10^14)` modulo the prime; 0 for NULL. */
export function checkRate(value: number | undefined): number {
  return value === undefined ? 0 : Number(toLong(value, FINE_SCALE) % BigInt(CHECK_PRIME))
}

/** `checkRate` of a DOUBLE expression in SQL. One factor: QuestDB may multiply two constants first. */
export function checkRateSql(expression: string): string {
  return `${toLongSql(expression, '1e14')} % ${CHECK_PRIME}`
}

/** `trunc(x × scale)` as QuestDB has it: what is beyond a LONG is 0, but 2^63 its largest. */
export function toLong(value: number, scale = SCALE): bigint {
  const scaled = value * scale
  if (Math.abs(scaled) < LONG_END) return BigInt(Math.trunc(scaled))
  return scaled === LONG_END ? LONG_MAX : 0n
}

/** `toLong` of a DOUBLE expression in SQL; 0 for NULL. */
export function toLongSql(expression: string, scale = '1e8'): string {
  return `coalesce(((${expression}) * ${scale})::long, 0)`
}

/** What a safe integer adds, for example a TIMESTAMP in microseconds. */
export function checkInteger(value: number): number {
  return value >= 0 ? remainder(value) : value % CHECK_PRIME
}

/** `checkInteger` of a LONG, INT or TIMESTAMP expression in SQL, as a part of `checkKeySql`. */
export function checkIntegerSql(expression: string): string {
  return `(${expression})::long`
}

/** `checkInteger` of nanoseconds, given as microseconds and the nanoseconds beyond. */
export function checkNanos(micros: number, nanos: number): number {
  return remainder(remainder(micros) * 1000 + nanos)
}

/** What a symbol adds: the first 24 bits of its MD5. */
export function checkSymbol(symbol: string): number {
  return createHash('md5').update(symbol).digest().readUIntBE(0, 3) % CHECK_PRIME
}

/** `checkSymbol` of a SYMBOL expression in SQL: a LONG256 is what reads hexadecimal digits. */
export function checkSymbolSql(expression: string): string {
  return `('0x' || left(md5(${expression}), 6))::string::long256::long % ${CHECK_PRIME}`
}

/** What a hexadecimal text adds, an address or a hash: its last 24 bits; 0 for an empty one. */
export function checkHex(text: string): number {
  let value = 0
  for (let at = Math.max(0, text.length - 6); at < text.length; at++) {
    const code = text.charCodeAt(at)
    value = (value << 4) | (code <= DIGIT_9 ? code & 15 : (code & 15) + 9)
  }
  return value % CHECK_PRIME
}

/** `checkHex` of a VARCHAR expression in SQL; 0 for NULL. */
export function checkHexSql(expression: string): string {
  return `coalesce(('0x' || right(${expression}, 6))::string::long256::long, 0) % ${CHECK_PRIME}`
}

/**
 * The key of a row as a number: parts, none negative, of all columns that tell it from other rows of
 * its object, weighted by position, so that swapped columns show.
 */
export function checkKey(parts: readonly number[]): number {
  return remainder(weigh(parts))
}

/** `checkKey` in SQL. One remainder is enough: times are below 2^62, and a remainder costs most. */
export function checkKeySql(parts: readonly string[]): string {
  return `(${weighSql(parts)}) % ${CHECK_PRIME}`
}

/**
 * Check of a row: its key times its values, weighted by position. A product, because sums of sums
 * stay the same when two rows swap values. One is added to the values: a row without any counts too.
 */
export function checkRow(key: number, values: readonly number[]): number {
  return checkProduct(key, 1 + weigh(values))
}

/** `checkRow` in SQL. */
export function checkRowSql(key: string, values: readonly string[]): string {
  return `(${key}) * ((1 + ${weighSql(values)}) % ${CHECK_PRIME}) % ${CHECK_PRIME}`
}

/** Key, not negative, times the weighed values of a row, modulo the prime. */
export function checkProduct(key: number, values: number): number {
  return values < 0 ? -remainder(key * remainder(-values)) : remainder(key * remainder(values))
}

function weigh(parts: readonly number[]): number {
  let sum = 0
  for (let at = 0; at < parts.length; at++) sum += (parts[at] ?? 0) * (at + 1)
  return sum
}

function weighSql(parts: readonly string[]): string {
  return parts.map((part, at) => `${at + 1} * (${part})`).join(' + ')
}

/**
 * `value % CHECK_PRIME` of a safe integer that is not negative, at a tenth of the cost. A quotient
 * below 2^30 that is no integer is at least 1 / 16,777,213 below the next one: more than half the
 * distance of doubles there, so it is never rounded up to it. The product is exact.
 */
export function remainder(value: number): number {
  return value - Math.floor(value / CHECK_PRIME) * CHECK_PRIME
}

const DIGIT_9 = 0x39
const EXACT = 2 ** 53
const SCALE = 1e8
const FINE_SCALE = 1e14
const LONG_END = 2 ** 63
const LONG_MAX = 2n ** 63n - 1n
