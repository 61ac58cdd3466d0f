import type { Range } from '@backtide/core/range'
import { PART, SEAM } from '@backtide/core/table'
import { digitCount, writeDigits } from './digits.ts'
import { escapeSymbol, quoteString, textColumn, type Column } from './names.ts'
import { FRESH, type SpareMemory } from '../values/spare-memory.ts'

/**
 * Writes rows of the InfluxDB line protocol as QuestDB reads it (version 2: binary doubles and
 * arrays) into one growing buffer. Per row: `begin`, symbols, other columns, `end`. A column that
 * is NULL is left out. Rows say where they came from, see `SEAM`: those of the first object of the
 * partition that they lie in need not.
 *
 * A class, and a plain one: it is called some hundred times a book.
 */
export class RowWriter {
  #bytes: Buffer
  #view: DataView
  #length = 0
  /** What comes before the next column: a space before the first, a comma before the others. */
  #separator = SPACE

  /** Where rows lie that have no seam, UTC microseconds. */
  readonly #from: number
  readonly #to: number
  readonly #origin: RowOrigin | undefined
  readonly #memory: SpareMemory

  /** Without an origin no row has a seam. */
  constructor(origin?: RowOrigin, initialBytes = 64 * 1024, memory = FRESH) {
    const { from, to } = origin?.part ? NOWHERE : (origin ?? EVERYWHERE)
    this.#from = from * 1000
    this.#to = to * 1000
    this.#origin = origin
    this.#memory = memory
    this.#bytes = memory.take(initialBytes)
    this.#view = viewOf(this.#bytes)
  }

  /** Bytes written so far: also the mark to `rewind` to. */
  get length(): number {
    return this.#length
  }

  /** Takes back everything written after a mark. */
  rewind(mark: number): void {
    this.#length = mark
  }

  /** Gives its memory to others: nothing that was written can be read afterwards. */
  release(): void {
    this.#memory.give(this.#bytes)
    this.#bytes = Buffer.alloc(0)
    this.#view = viewOf(this.#bytes)
    this.#length = 0
  }

  /** View of written bytes, valid until the next write. */
  slice(start = 0, end = this.#length): Buffer {
    return this.#bytes.subarray(start, end)
  }

  /** Moves written bytes towards the start, over what is not needed any more. */
  move(start: number, end: number, to: number): void {
    this.#bytes.copyWithin(to, start, end)
  }

  /** Starts a row with its table and constant symbols, see `rowStart`. */
  begin(start: Uint8Array): void {
    this.#separator = SPACE
    this.raw(start)
  }

  /** Symbols come before all other columns. */
  symbol(column: Column, value: string): void {
    this.reserve(1 + column.length)
    this.#put(COMMA)
    this.raw(column)
    this.text(escapeSymbol(value))
  }

  string(column: Column, value: string): void {
    this.column(column)
    this.text(quoteString(value))
  }

  boolean(column: Column, value: boolean): void {
    this.column(column)
    this.#put(value ? LETTER_T : LETTER_F)
  }

  /** INT or LONG. @throws RangeError when the value is not a safe integer */
  int(column: Column, value: number): void {
    this.column(column)
    this.digits(value)
    this.#put(LETTER_I)
  }

  /** @throws RangeError for NaN and infinities: they would silently become NULL */
  double(column: Column, value: number): void {
    if (!Number.isFinite(value)) throw new RangeError(`Not a finite number: ${value}`)
    this.column(column)
    this.float(value)
  }

  /** TIMESTAMP_NS: UTC microseconds, not negative, and the nanoseconds (0 to 999) beyond them. */
  nanos(column: Column, micros: number, nanos: number): void {
    this.column(column)
    if (micros > 0) this.digits(micros)
    this.#put(DIGIT_0 + Math.trunc(nanos / 100))
    this.#put(DIGIT_0 + (Math.trunc(nanos / 10) % 10))
    this.#put(DIGIT_0 + (nanos % 10))
    this.#put(LETTER_N)
  }

  /** DOUBLE[][]: rows of equal length, finite numbers. */
  array2(column: Column, rows: readonly ArrayLike<number>[]): void {
    const columns = rows[0]?.length ?? 0
    this.openArray2(column, rows.length, columns)
    for (const row of rows) {
      if (row.length !== columns) throw new RangeError('Rows of an array differ in length')
      for (let at = 0; at < columns; at++) this.float(row[at] ?? 0)
    }
  }

  /** Whether rows of a timestamp (UTC microseconds) have no seam: it lies in the partition. */
  isInside(ts: number): boolean {
    return ts >= this.#from && ts < this.#to
  }

  /** Ends a row with its designated timestamp, UTC microseconds. */
  end(ts: number): void {
    if (!this.isInside(ts)) this.int(SEAM_COLUMN, this.#seamOf(ts))
    this.#put(SPACE)
    this.digits(ts)
    this.#put(LETTER_T)
    this.#put(LF)
  }

  // What follows writes parts of a value; whoever uses it answers for the form of the row.

  /** Separator and start of a column; its value must follow. */
  column(column: Column): void {
    this.reserve(1 + column.length)
    const bytes = this.#bytes
    let at = this.#length
    bytes[at++] = this.#separator
    // So few bytes are copied one by one before the call that copies any number has begun.
    for (let index = 0; index < column.length; index++) bytes[at++] = column[index] ?? 0
    this.#length = at
    this.#separator = COMMA
  }

  /** Start of an array column: exactly rows × columns `float`s must follow. */
  openArray2(column: Column, rows: number, columns: number): void {
    this.column(column)
    this.reserve(8 + 8 * rows * columns)
    this.#view.setUint32(this.#length, rows, true)
    this.#view.setUint32(this.#length + 4, columns, true)
    this.#length += 8
  }

  float(value: number): void {
    this.reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** The first `count` of some values. */
  floats(values: Float64Array, count: number): void {
    this.reserve(8 * count)
    const view = this.#view
    let at = this.#length
    for (let index = 0; index < count; index++, at += 8) {
      view.setFloat64(at, values[index] ?? 0, true)
    }
    this.#length = at
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  text(text: string): void {
    this.reserve(3 * text.length)
    this.#length += this.#bytes.write(text, this.#length)
  }

  /** Decimal digits. @throws RangeError when the value is not a safe integer */
  digits(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`Not a safe integer: ${value}`)
    if (value < 0) this.#put(MINUS)
    const digits = Math.abs(value)
    const count = digitCount(digits)
    this.reserve(count)
    writeDigits(this.#bytes, digits, this.#length, this.#length + count)
    this.#length += count
  }

  /** Makes room for at least `more` bytes. */
  reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const step = Math.min(this.#bytes.length, LARGEST_STEP)
    const size = Math.max(needed, this.#bytes.length + step)
    const bytes = this.#memory.take(size)
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#memory.give(this.#bytes)
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }

  /** Partitions from the one that holds a timestamp to our own, and objects before ours. */
  #seamOf(ts: number): number {
    const { from, to, part = 0 } = this.#origin ?? EVERYWHERE
    const length = (to - from) * 1000
    return (from * 1000) / length - Math.floor(ts / length) + part * PART
  }

  #put(byte: number): void {
    this.reserve(1)
    this.#bytes[this.#length++] = byte
  }
}

/** The object that rows come from. */
export interface RowOrigin extends Range {
  /** Bounds of its partition, UTC milliseconds: as long as all of its kind. */
  readonly from: number
  readonly to: number
  /** How many objects of the same partition and series come before it; 0 when absent. */
  readonly part?: number
}

const NOWHERE: RowOrigin = { from: Infinity, to: -Infinity }
const EVERYWHERE: RowOrigin = { from: -Infinity, to: Infinity }

const SEAM_COLUMN = textColumn(SEAM)

/** The buffer doubles, but grows by no more than this: a window must not cost a multiple of its size. */
const LARGEST_STEP = 8 * 1024 * 1024

const LF = 0x0a
const SPACE = 0x20
const COMMA = 0x2c
const MINUS = 0x2d
const DIGIT_0 = 0x30
const LETTER_F = 0x66
const LETTER_I = 0x69
const LETTER_N = 0x6e
const LETTER_T = 0x74

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
