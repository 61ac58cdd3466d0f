import type { ObjectContext } from '../dataset.ts'
import { NOT_UNDERSTOOD, digitAt, scanCount, scanDecimal } from '../values/scan-decimal.ts'
import { LineMemory } from '../values/line-memory.ts'
import { isAt, literal, matches } from '../values/literal.ts'
import { UtcTimeScanner } from '../values/scan-time.ts'
import { isNearPartition, isNearReceived } from '../values/time.ts'

/**
 * Reads books as the venue writes them, byte by byte: fields in their usual order, no white space,
 * no other field. Such a line is one that `readBookLine` accepts, with the same values; any other is
 * left to that. Holds the book that `scan` read last: making an object of each would cost more than
 * reading it.
 */
export class BookScanner {
  /** Exchange time, UTC microseconds. */
  ts = 0
  readonly received = new UtcTimeScanner()
  readonly bids = new SideScanner()
  readonly asks = new SideScanner()
  readonly #object: ObjectContext
  readonly #middle: Uint8Array
  readonly #memory = new LineMemory()

  constructor(object: ObjectContext) {
    this.#object = object
    this.#middle = Buffer.from(
      `","ver_num":1,"raw":{"channel":"l2Book","data":{"coin":${JSON.stringify(object.symbol)},"time":`,
    )
  }

  /** Whether the line is such a book. What is held is undefined when it is not. */
  scan(line: Uint8Array): boolean {
    const start = this.#memory.open(line)
    const { bytes, view } = this.#memory
    if (!matches(bytes, start, START)) return false
    let at = this.received.scan(bytes, start + START.length)
    if (at < 0 || !isNearPartition(this.received.micros, this.#object)) return false
    if (!matches(bytes, at, this.#middle)) return false
    at = this.#scanTime(bytes, at + this.#middle.length)
    if (at < 0 || !isNearReceived(this.ts, this.received)) return false
    if (!matches(bytes, at, LEVELS)) return false
    at = this.bids.scan(bytes, view, at + LEVELS.length)
    if (at < 0 || !matches(bytes, at, BETWEEN)) return false
    at = this.asks.scan(bytes, view, at + BETWEEN.length)
    return at >= 0 && matches(bytes, at, END) && at + END.length === start + line.length
  }

  /** 13 digits: milliseconds from 2001 to 2255, where microseconds are safe integers of 16 digits. */
  #scanTime(bytes: Uint8Array, at: number): number {
    if (bytes[at] === DIGIT_0) return NOT_UNDERSTOOD
    let ms = 0
    let end = at
    for (let digit = digitAt(bytes, end); digit <= 9; digit = digitAt(bytes, ++end)) {
      ms = ms * 10 + digit
    }
    if (end - at !== 13) return NOT_UNDERSTOOD
    this.ts = ms * 1000
    return Number.isSafeInteger(this.ts) ? end : NOT_UNDERSTOOD
  }
}

/** Levels of one side of the book that was scanned last, best first as the venue sends them. */
export class SideScanner {
  depth = 0
  readonly prices = new Float64Array(MOST_LEVELS)
  readonly sizes = new Float64Array(MOST_LEVELS)
  readonly counts = new Float64Array(MOST_LEVELS)

  /** Reads `{"px":"…","sz":"…","n":…},…` up to the closing bracket; returns where that is. */
  scan(bytes: Uint8Array, view: DataView, start: number): number {
    const { prices, sizes, counts } = this
    // Literals are compared 8 bytes at a time. Behind a level of a whole book there are more.
    const limit = view.byteLength - 8
    let at = start
    let depth = 0
    if (bytes[at] !== CLOSING_BRACKET) {
      for (; depth < MOST_LEVELS; at++) {
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
    this.depth = depth
    return bytes[at] === CLOSING_BRACKET ? at : NOT_UNDERSTOOD
  }
}

/** Deeper sides than the venue has ever sent are left to the full parse. */
export const MOST_LEVELS = 32

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
