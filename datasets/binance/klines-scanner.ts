import { LineMemory } from '../values/line-memory.ts'
import { digitAt, NOT_UNDERSTOOD, scanDecimal } from '../values/scan-decimal.ts'
import {
  KLINE_COLUMNS,
  KLINE_KINDS,
  MOST_DIGITS,
  type KlinePositions,
  type KlineRow,
} from './klines-row.ts'

/**
 * Reads lines byte by byte: one it accepts is one that the full parse accepts, with the same values;
 * any other is left to that.
 */
export class KlineScanner {
  readonly #memory = new LineMemory()
  /** Which of the columns each field of a line is. */
  readonly #columns: Uint8Array

  constructor(positions: KlinePositions) {
    const names = KLINE_COLUMNS.toSorted((a, b) => positions[a] - positions[b])
    this.#columns = Uint8Array.from(names, (name) => KLINE_COLUMNS.indexOf(name))
  }

  /** Whether the line has such fields, which `row` then holds. */
  scan(line: Uint8Array, { values }: KlineRow): boolean {
    const start = this.#memory.open(line)
    const { bytes } = this.#memory
    const columns = this.#columns
    const end = start + line.length
    let at = start
    for (let index = 0; index < columns.length; index++) {
      if (index > 0 && bytes[at++] !== COMMA) return false
      at = scanField(bytes, at, end, values, columns[index] ?? 0)
      if (at < 0) return false
    }
    return at === end
  }
}

const KINDS = Uint8Array.from(KLINE_KINDS, (kind) => ['digits', 'amount', 'anything'].indexOf(kind))
const AMOUNT = 1
const ANYTHING = 2
const COMMA = 0x2c

/** Returns where the field ends, or `NOT_UNDERSTOOD`. */
function scanField(
  bytes: Uint8Array,
  start: number,
  lineEnd: number,
  values: Float64Array,
  column: number,
): number {
  const kind = KINDS[column]
  if (kind === AMOUNT) return scanDecimal(bytes, start, values, column)
  if (kind === ANYTHING) return fieldEnd(bytes, start, lineEnd)
  return scanDigits(bytes, start, values, column)
}

function fieldEnd(bytes: Uint8Array, start: number, lineEnd: number): number {
  let at = start
  while (at < lineEnd && bytes[at] !== COMMA) at++
  return at
}

function scanDigits(
  bytes: Uint8Array,
  start: number,
  values: Float64Array,
  column: number,
): number {
  let at = start
  let value = 0
  for (let digit = digitAt(bytes, at); digit <= 9; digit = digitAt(bytes, ++at)) {
    value = value * 10 + digit
  }
  const length = at - start
  values[column] = value
  return length > 0 && length <= MOST_DIGITS && value <= Number.MAX_SAFE_INTEGER
    ? at
    : NOT_UNDERSTOOD
}
