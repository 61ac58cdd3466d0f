import type { ObjectContext } from '../dataset.ts'
import { NOT_UNDERSTOOD, scanDecimal } from '../values/scan-decimal.ts'
import { LineMemory } from '../values/line-memory.ts'
import { matches } from '../values/literal.ts'
import { UtcTimeScanner } from '../values/scan-time.ts'
import { isNearPartition } from '../values/time.ts'
import { CONTEXT_COLUMNS, NUMBERS, SIGNED, ZERO_IS_NONE } from './asset-ctxs-line.ts'

/** Position of every column in a line. */
export type ColumnPositions = Readonly<Record<(typeof CONTEXT_COLUMNS)[number], number>>

/**
 * Reads rows byte by byte. A row it accepts is one that the line decoder accepts if the coin has a
 * name, which is left to the caller, with the same values; any other is left to that. Holds the row
 * that `scan` read last.
 */
export class ContextScanner {
  readonly time = new UtcTimeScanner()
  /** Where the coin is in the line. */
  coinStart = 0
  coinEnd = 0
  /** In the order of the table, NaN where the venue had none. */
  readonly numbers = new Float64Array(NUMBERS.length)
  readonly #memory = new LineMemory()
  readonly #object: ObjectContext
  /** What each field of a line is: the number of this index, or `TIME` or `COIN`. */
  readonly #fields: readonly number[]

  constructor(object: ObjectContext, positions: ColumnPositions) {
    this.#object = object
    this.#fields = CONTEXT_COLUMNS.toSorted((a, b) => positions[a] - positions[b]).map((name) => {
      return FIELDS.get(name) ?? COIN
    })
  }

  /** Whether the line is such a row. What is held is undefined when it is not. */
  scan(line: Uint8Array): boolean {
    const start = this.#memory.open(line)
    const { bytes } = this.#memory
    let at = start
    for (let index = 0; index < this.#fields.length; index++) {
      if (index > 0 && bytes[at++] !== COMMA) return false
      at = this.#scanField(bytes, at, this.#fields[index] ?? COIN, start)
      if (at < 0) return false
    }
    const { micros, nanos } = this.time
    const isWhole = at === start + line.length
    return isWhole && nanos === 0 && isNearPartition(micros, this.#object) && this.#judge()
  }

  #scanField(bytes: Uint8Array, at: number, field: number, lineStart: number): number {
    if (field === TIME) return this.time.scan(bytes, at)
    return field === COIN
      ? this.#scanCoin(bytes, at, lineStart)
      : this.#scanNumber(bytes, at, field)
  }

  #scanCoin(bytes: Uint8Array, start: number, lineStart: number): number {
    let at = start
    while (!isFieldEnd(bytes, at)) at++
    this.coinStart = start - lineStart
    this.coinEnd = at - lineStart
    return at
  }

  #scanNumber(bytes: Uint8Array, start: number, number: number): number {
    const { numbers } = this
    if (bytes[start] === MINUS) {
      const end = scanDecimal(bytes, start + 1, numbers, number)
      numbers[number] = -(numbers[number] ?? 0)
      return end
    }
    const end = scanDecimal(bytes, start, numbers, number)
    if (end >= 0) return end
    numbers[number] = Number.NaN
    if (isFieldEnd(bytes, start)) return start
    return matches(bytes, start, NULL) ? start + NULL.length : NOT_UNDERSTOOD
  }

  /** Zeros that mean "none" become so; false when a number has a sign that it must not have. */
  #judge(): boolean {
    const { numbers } = this
    for (let at = 0; at < numbers.length; at++) {
      const value = numbers[at] ?? 0
      if (value < 0 && !MAY_BE_NEGATIVE[at]) return false
      if (value === 0 && IS_NONE_AS_ZERO[at]) numbers[at] = Number.NaN
    }
    const hasImpact = !Number.isNaN(numbers[IMPACT_BID]) || !Number.isNaN(numbers[IMPACT_ASK])
    if (numbers[PREMIUM] === 0 && !hasImpact) numbers[PREMIUM] = Number.NaN
    return true
  }
}

const TIME = -1
const COIN = -2
const FIELDS = new Map<string, number>([
  ['time', TIME],
  ...NUMBERS.map((name, at) => [name, at] as const),
])
const MAY_BE_NEGATIVE = NUMBERS.map((name) => SIGNED.has(name))
const IS_NONE_AS_ZERO = NUMBERS.map((name) => ZERO_IS_NONE.has(name))
const PREMIUM = NUMBERS.indexOf('premium')
const IMPACT_BID = NUMBERS.indexOf('impact_bid_px')
const IMPACT_ASK = NUMBERS.indexOf('impact_ask_px')

const NULL = Buffer.from('null')
const LF = 0x0a
const CR = 0x0d
const COMMA = 0x2c
const MINUS = 0x2d

/** A line end ends the last field; another one is not followed by the comma it needs. */
function isFieldEnd(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]
  return byte === COMMA || byte === LF || byte === CR || byte === undefined
}
