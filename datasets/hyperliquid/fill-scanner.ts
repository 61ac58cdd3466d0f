import type { ObjectContext } from '../dataset.ts'
import { JsonCursor } from '../values/json-cursor.ts'
import { UtcTimeScanner } from '../values/scan-time.ts'
import { COIN } from './archive.ts'
import { isInReach, LONGEST_WORD } from './fill-parser.ts'
import { scanRest } from './fill-rest-scanner.ts'
import type { Block, Fill, Fills } from './fill.ts'

/**
 * Reads fills as nodes write them, byte by byte: the fields that all have in their usual order, the
 * others behind them in any, no white space, no other field. Such a line is one that the full parse
 * accepts, with the same values; any other is left to that.
 */
export class FillScanner {
  readonly #object: ObjectContext
  readonly #cursor = new JsonCursor()
  readonly #received = new UtcTimeScanner()
  readonly #made = new UtcTimeScanner()
  /** Names of coins that were looked at. */
  readonly #coins = new Set<string>()

  constructor(object: ObjectContext) {
    this.#object = object
  }

  /** Whether the line is a fill, which `fills` then holds. */
  scanLine(line: Buffer, fills: Fills): boolean {
    this.#cursor.open(line)
    fills.length = 0
    return this.#scanFill(fills.next()) && this.#cursor.isAtEnd()
  }

  /** Whether the line is a block, which `block` and `fills` then hold. */
  scanBlock(line: Buffer, block: Block, fills: Fills): boolean {
    const cursor = this.#cursor
    cursor.open(line)
    fills.length = 0
    if (!this.#scanBlockFacts(block)) return false
    if (cursor.peek() !== CLOSING_BRACKET) {
      do {
        if (!this.#scanFill(fills.next())) return false
      } while (cursor.skip(COMMA))
    }
    return cursor.skip(BLOCK_END) && cursor.isAtEnd()
  }

  /** Reads up to the first event. */
  #scanBlockFacts(block: Block): boolean {
    const cursor = this.#cursor
    const received = this.#received
    const made = this.#made
    if (!cursor.skip(RECEIVED) || !cursor.time(received)) return false
    if (!cursor.skip(MADE) || !cursor.time(made)) return false
    if (!cursor.skip(NUMBER) || !cursor.integer()) return false
    block.number = cursor.value
    block.micros = made.micros
    block.nanos = made.nanos
    block.receivedMicros = received.micros
    block.receivedNanos = received.nanos
    block.known = true
    return cursor.skip(EVENTS)
  }

  /** Reads `["0x…",{…}]`. */
  #scanFill(fill: Fill): boolean {
    const cursor = this.#cursor
    if (!cursor.skip(FILL) || !cursor.hex(ADDRESS)) return false
    fill.user = cursor.text
    if (!this.#scanTrade(fill) || !this.#scanAccount(fill) || !scanRest(cursor, fill)) return false
    return cursor.skip(FILL_END) && isInReach(fill.ts, this.#object)
  }

  /** Reads what the match was. */
  #scanTrade(fill: Fill): boolean {
    const cursor = this.#cursor
    if (!cursor.skip(COIN_IS) || !cursor.word(LONGEST_WORD)) return false
    fill.coin = cursor.text
    if (!this.#isCoin(fill.coin)) return false
    if (!cursor.skip(PRICE_IS) || !cursor.decimal()) return false
    fill.price = cursor.value
    if (!cursor.skip(SIZE_IS) || !cursor.decimal()) return false
    fill.size = cursor.value
    fill.isBuy = cursor.skip(SIDE_IS_BUY)
    if (!fill.isBuy && !cursor.skip(SIDE_IS_SELL)) return false
    if (!cursor.integer()) return false
    fill.ts = cursor.value * 1000
    return true
  }

  /** Reads what it was for its party, up to its fee. */
  #scanAccount(fill: Fill): boolean {
    const cursor = this.#cursor
    if (!cursor.skip(POSITION_IS) || !cursor.signed()) return false
    fill.startPosition = cursor.value
    if (!cursor.skip(DIR_IS) || !cursor.word(LONGEST_WORD)) return false
    fill.dir = cursor.text
    if (!cursor.skip(PNL_IS) || !cursor.signed()) return false
    fill.closedPnl = cursor.value
    if (!cursor.skip(HASH_IS) || !cursor.hex(HASH)) return false
    fill.hash = cursor.text
    if (!cursor.skip(OID_IS) || !cursor.integer()) return false
    fill.oid = cursor.value
    fill.crossed = cursor.skip(CROSSED_IS_TRUE)
    if (!fill.crossed && !cursor.skip(CROSSED_IS_FALSE)) return false
    if (!cursor.signed()) return false
    fill.fee = cursor.value
    return cursor.skip(QUOTE)
  }

  #isCoin(name: string): boolean {
    if (this.#coins.has(name)) return true
    if (!COIN.test(name)) return false
    this.#coins.add(name)
    return true
  }
}

const RECEIVED = Buffer.from('{"local_time":"')
const MADE = Buffer.from('","block_time":"')
const NUMBER = Buffer.from('","block_number":')
const EVENTS = Buffer.from(',"events":[')
const BLOCK_END = Buffer.from(']}')

const FILL = Buffer.from('["')
const COIN_IS = Buffer.from(',{"coin":"')
const PRICE_IS = Buffer.from(',"px":"')
const SIZE_IS = Buffer.from('","sz":"')
const SIDE_IS_BUY = Buffer.from('","side":"B","time":')
const SIDE_IS_SELL = Buffer.from('","side":"A","time":')
const POSITION_IS = Buffer.from(',"startPosition":"')
const DIR_IS = Buffer.from('","dir":"')
const PNL_IS = Buffer.from(',"closedPnl":"')
const HASH_IS = Buffer.from('","hash":"')
const OID_IS = Buffer.from(',"oid":')
const CROSSED_IS_TRUE = Buffer.from(',"crossed":true,"fee":"')
const CROSSED_IS_FALSE = Buffer.from(',"crossed":false,"fee":"')
const FILL_END = Buffer.from('}]')
const COMMA = Buffer.from(',')
const QUOTE = Buffer.from('"')
const CLOSING_BRACKET = 0x5d

/** Hexadecimal digits. */
const ADDRESS = 40
const HASH = 64
