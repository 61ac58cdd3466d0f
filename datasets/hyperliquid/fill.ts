import { APART_MS, TOLERANCE_MS } from '../values/time.ts'

/**
 * How far the time of a fill may lie outside of the hour it was written down in, in milliseconds: a node
 * that fell behind writes old blocks into the hour in which it catches up.
 */
export const FILL_REACH_MS = TOLERANCE_MS + APART_MS

/**
 * What one party of a match got, read by the scanner or by the full parse: filled again by the fills of
 * later lines, as making an object of each would cost more than reading it.
 */
export class Fill {
  /** UTC microseconds: milliseconds are all that the venue tells. */
  ts = 0
  /** Address of the party. */
  user = ''
  coin = ''
  price = 0
  size = 0
  isBuy = false
  /** Position before it, negative when short. */
  startPosition = 0
  /** What it did to the position, in the venue's words: `Open Long`, `Liquidated Cross Long`, `Buy`. */
  dir = ''
  closedPnl = 0
  /** Hash of the transaction; zeros where there is none. */
  hash = ''
  oid = 0
  /** The party is the taker. */
  crossed = false
  /** In units of `feeToken`; negative is a rebate. */
  fee = 0
  feeToken = ''
  /** Number of the match: both parties have it. */
  tid = 0
  /** Not every fill has what follows: '' and NaN stand for none. */
  cloid = ''
  twapId = Number.NaN
  builder = ''
  builderFee = Number.NaN
  deployerFee = Number.NaN
  priorityGas = Number.NaN
  liquidatedUser = ''
  liquidationMarkPrice = Number.NaN
  liquidationMethod = ''
  /** It has no field that is not known. */
  known = true

  /** Forgets what not every fill has. */
  clearRest(): void {
    this.cloid = ''
    this.twapId = Number.NaN
    this.builder = ''
    this.builderFee = Number.NaN
    this.deployerFee = Number.NaN
    this.priorityGas = Number.NaN
    this.liquidatedUser = ''
    this.liquidationMarkPrice = Number.NaN
    this.liquidationMethod = ''
    this.known = true
  }
}

/** The block whose fills a line holds; of an archive that tells of none, `number` is NaN. */
export class Block {
  number = Number.NaN
  /** When it was made: UTC microseconds, and the nanoseconds (0 to 999) beyond. */
  micros = 0
  nanos = 0
  /** When the node wrote it down. */
  receivedMicros = 0
  receivedNanos = 0
  /** Its line has no field that is not known. */
  known = true
}

/** The fills of a line: the first `length` of those that it keeps to be filled again. */
export class Fills {
  length = 0
  readonly #kept: Fill[] = []

  /** The next one, to be filled. */
  next(): Fill {
    return (this.#kept[this.length++] ??= new Fill())
  }

  at(index: number): Fill {
    return (this.#kept[index] ??= new Fill())
  }
}
