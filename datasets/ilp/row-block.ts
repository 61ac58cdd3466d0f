import { writeDigits } from './digits.ts'
import type { Column } from './names.ts'
import { RowWriter } from './row-writer.ts'

/** What the rows of a block have in common. */
export interface RowForm {
  /** Table and symbols, see `rowStart`. */
  readonly start: Uint8Array
  /** Integer column that counts the rows from 0. */
  readonly counter: Column
  readonly doubles: readonly Column[]
}

/**
 * Rows of one timestamp that were written beforehand, all but their doubles and the timestamp: these
 * have places of a fixed size. The first so many rows are used, however many that are.
 */
export class RowBlock {
  readonly #bytes: Buffer
  readonly #view: DataView
  /** Where the doubles are: those of the first row, those of the second, and so on. */
  readonly #doubles: Uint32Array
  readonly #ends: Uint32Array
  readonly #digits = Buffer.alloc(TS_DIGITS)
  readonly #digitsView = viewOf(this.#digits)

  constructor(count: number, { start, counter, doubles }: RowForm) {
    const rows = new RowWriter()
    this.#doubles = new Uint32Array(count * doubles.length)
    this.#ends = new Uint32Array(count)
    for (let row = 0; row < count; row++) {
      rows.begin(start)
      rows.int(counter, row)
      for (const [at, column] of doubles.entries()) {
        rows.column(column)
        this.#doubles[row * doubles.length + at] = rows.length
        rows.float(0)
      }
      rows.end(FIRST_TS)
      this.#ends[row] = rows.length
    }
    this.#bytes = Buffer.from(rows.slice())
    this.#view = viewOf(this.#bytes)
  }

  /** Fills in a double: they are counted from row to row. */
  put(double: number, value: number): void {
    this.#view.setFloat64(this.#doubles[double] ?? 0, value, true)
  }

  /** Whether it has so many rows, and the time has 16 digits (UTC microseconds, 2001 to 2286). */
  fits(count: number, ts: number): boolean {
    return count <= this.#ends.length && ts >= FIRST_TS && ts < 10 * FIRST_TS
  }

  /** The first `count` rows at a time, where these fit; valid until the next call. */
  take(count: number, ts: number): Uint8Array {
    writeDigits(this.#digits, ts, 0, TS_DIGITS)
    const view = this.#view
    const ends = this.#ends
    for (let word = 0; word < TS_DIGITS; word += 4) {
      const digits = this.#digitsView.getInt32(word)
      const offset = word - TS_DIGITS - TS_END
      for (let row = 0; row < count; row++) view.setInt32((ends[row] ?? 0) + offset, digits)
    }
    return this.#bytes.subarray(0, ends[count - 1] ?? 0)
  }
}

const FIRST_TS = 10 ** 15
const TS_DIGITS = 16
/** Bytes behind the digits: `t` and the line end. */
const TS_END = 2

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
