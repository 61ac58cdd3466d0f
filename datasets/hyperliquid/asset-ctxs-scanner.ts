import type { ObjectContext } from '../dataset.ts'
import { NOT_UNDERSTOOD, scanDecimal } from '../values/scan-decimal.ts'
import { LineMemory } from '../values/line-memory.ts'
import { matches } from '../values/literal.ts'
import { UtcTimeScanner } from '../values/scan-time.ts'
import { isNearPartition } from '../values/time.ts'
import {
  CONTEXT_COLUMNS,
  NUMBERS,
  type ColumnPositions,
  type ContextRow,
} from './asset-ctxs-row.ts'

/**
 * Reads rows byte by byte. A row it accepts is one that the full parse accepts if the coin has a
 * name, which is left to the caller, with the same values; any other is left to that.
 */
export class ContextScanner {
  /** Where the coin is in the line that was read last. */
  coinStart = 0
  coinEnd = 0
  readonly #time = new UtcTimeScanner()
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

  /** Whether the line is such a row, which `row` then holds. */
  scan(line: Uint8Array, row: ContextRow): boolean {
    const start = this.#memory.open(line)
    const { bytes } = this.#memory
    let at = start
    for (let index = 0; index < this.#fields.length; index++) {
      if (index > 0 && bytes[at++] !== COMMA) return false
      at = this.#scanField(bytes, at, this.#fields[index] ?? COIN, start, row)
      if (at < 0) return false
    }
    const { micros, nanos } = this.#time
    if (at !== start + line.length || nanos > 0 || !isNearPartition(micros, this.#object)) {
      return false
    }
    row.ts = micros
    return judgeAll(row)
  }

  #scanField(
    bytes: Uint8Array,
    at: number,
    field: number,
    lineStart: number,
    { numbers }: ContextRow,
  ): number {
    if (field === TIME) return this.#time.scan(bytes, at)
    return field === COIN
      ? this.#scanCoin(bytes, at, lineStart)
      : scanNumber(bytes, at, numbers, field)
  }

  #scanCoin(bytes: Uint8Array, start: number, lineStart: number): number {
    let at = start
    while (!isFieldEnd(bytes, at)) at++
    this.coinStart = start - lineStart
    this.coinEnd = at - lineStart
    return at
  }
}

function scanNumber(
  bytes: Uint8Array,
  start: number,
  numbers: Float64Array,
  number: number,
): number {
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

function judgeAll(row: ContextRow): boolean {
  for (let at = 0; at < NUMBERS.length; at++) if (!row.judge(at)) return false
  row.judgePremium()
  return true
}

const TIME = -1
const COIN = -2
const FIELDS = new Map<string, number>([
  ['time', TIME],
  ...NUMBERS.map((name, at) => [name, at] as const),
])
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
