/**
 * One order book of the archive, read by the scanner or by the full parse. There is one a reader,
 * filled again by every line: making objects of each would cost more than reading it.
 */
export class Book {
  /** Exchange time, UTC microseconds. */
  ts = 0
  /** When the archive's recorder saw it: UTC microseconds, and the nanoseconds (0 to 999) beyond. */
  receivedMicros = 0
  receivedNanos = 0
  readonly bids = new Side()
  readonly asks = new Side()
  /** What is odd about the form of its line; a line of the usual form has nothing. */
  formWarnings: readonly string[] = []
}

/** Levels of one side, best first as the venue sends them: the first `depth` of each list. */
export class Side {
  depth = 0
  prices = new Float64Array(USUAL_ROOM)
  sizes = new Float64Array(USUAL_ROOM)
  counts = new Float64Array(USUAL_ROOM)

  add(price: number, size: number, count: number): void {
    const at = this.depth++
    if (at === this.prices.length) this.#grow(2 * at)
    this.prices[at] = price
    this.sizes[at] = size
    this.counts[at] = count
  }

  #grow(room: number): void {
    this.prices = withRoom(this.prices, room)
    this.sizes = withRoom(this.sizes, room)
    this.counts = withRoom(this.counts, room)
  }
}

/** Room for more levels than the venue has ever sent of a side. */
export const USUAL_ROOM = 32

function withRoom(values: Float64Array, room: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(room)
  larger.set(values)
  return larger
}
