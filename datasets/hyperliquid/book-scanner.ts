import type { ObjectContext } from '../dataset.ts'
import { LineMemory } from '../values/line-memory.ts'
import { isAt, literal, matches } from '../values/literal.ts'
import { NOT_UNDERSTOOD, digitAt, scanCount, scanDecimal } from '../values/scan-decimal.ts'
import { UtcTimeScanner } from '../values/scan-time.ts'
import { isNearPartition, isNearReceived } from '../values/time.ts'
import { USUAL_ROOM, type Book, type Side } from './book.ts'

/**
 * Reads books as the venue writes them, byte by byte: fields in their usual order, no white space,
 * no other field. Such a line is one that `parseBook` accepts, with the same values; any other is
 * left to that.
 */
export class BookScanner {
  readonly #object: ObjectContext
  readonly #middle: Uint8Array
  readonly #memory = new LineMemory()
  readonly #received = new UtcTimeScanner()

  constructor(object: ObjectContext) {
    this.#object = object
    this.#middle = Buffer.from(
      `","ver_num":1,"raw":{"channel":"l2Book","data":{"coin":${JSON.stringify(object.symbol)},"time":`,
    )
  }

  /** Whether the line is such a book, which `book` then holds. */
  scan(line: Uint8Array, book: Book): boolean {
    const start = this.#memory.open(line)
    const { bytes, view } = this.#memory
    if (!matches(bytes, start, START)) return false
    let at = this.#scanTimes(bytes, start + START.length, book)
    if (at < 0 || !matches(bytes, at, LEVELS)) return false
    at = scanSide(bytes, view, at + LEVELS.length, book.bids)
    if (at < 0 || !matches(bytes, at, BETWEEN)) return false
    at = scanSide(bytes, view, at + BETWEEN.length, book.asks)
    return at >= 0 && matches(bytes, at, END) && at + END.length === start + line.length
  }

  /** Reads from the recorder's time up to the exchange's; returns where that ends. */
  #scanTimes(bytes: Uint8Array, start: number, book: Book): number {
    const received = this.#received
    let at = received.scan(bytes, start)
    if (at < 0 || !isNearPartition(received.micros, this.#object)) return NOT_UNDERSTOOD
    if (!matches(bytes, at, this.#middle)) return NOT_UNDERSTOOD
    at = scanTime(bytes, at + this.#middle.length, book)
    if (at < 0 || !isNearReceived(book.ts, received)) return NOT_UNDERSTOOD
    book.receivedMicros = received.micros
    book.receivedNanos = received.nanos
    return at
  }
}

/** 13 digits: milliseconds from 2001 to 2255, where microseconds are safe integers of 16 digits. */
function scanTime(bytes: Uint8Array, at: number, book: Book): number {
  if (bytes[at] === DIGIT_0) return NOT_UNDERSTOOD
  let ms = 0
  let end = at
  for (let digit = digitAt(bytes, end); digit <= 9; digit = digitAt(bytes, ++end)) {
    ms = ms * 10 + digit
  }
  if (end - at !== 13) return NOT_UNDERSTOOD
  book.ts = ms * 1000
  return Number.isSafeInteger(book.ts) ? end : NOT_UNDERSTOOD
}

/** Reads `{"px":"…","sz":"…","n":…},…` up to the closing bracket; returns where that is. */
function scanSide(bytes: Uint8Array, view: DataView, start: number, side: Side): number {
  const { prices, sizes, counts } = side
  // Literals are compared 8 bytes at a time. Behind a level of a whole book there are more.
  const limit = view.byteLength - 8
  let at = start
  let depth = 0
  if (bytes[at] !== CLOSING_BRACKET) {
    // Deeper sides are left to the full parse.
    for (; depth < USUAL_ROOM; at++) {
      if (at > limit || !isAt(view, at, PRICE)) return NOT_UNDERSTOOD
      at = scanDecimal(bytes, at + PRICE.length, prices, depth)
      if (at < 0 || at > limit || !isAt(view, at, SIZE)) return NOT_UNDERSTOOD
      at = scanDecimal(bytes, at + SIZE.length, sizes, depth)
      if (at < 0 || at > limit || !isAt(view, at, COUNT)) return NOT_UNDERSTOOD
      at = scanCount(bytes, at + COUNT.length, counts, depth)
      if (at < 0 || bytes[at] !== CLOSING_BRACE) return NOT_UNDERSTOOD
      depth++
      if (bytes[++at] !== COMMA) break
    }
  }
  side.depth = depth
  return bytes[at] === CLOSING_BRACKET ? at : NOT_UNDERSTOOD
}

const START = Buffer.from('{"time":"')
const LEVELS = Buffer.from(',"levels":[[')
const BETWEEN = Buffer.from('],[')
const END = Buffer.from(']]}}}')
const PRICE = literal('{"px":"')
const SIZE = literal('","sz":"')
const COUNT = literal('","n":')

const DIGIT_0 = 0x30
const COMMA = 0x2c
const CLOSING_BRACKET = 0x5d
const CLOSING_BRACE = 0x7d
