import type { RecordFacts } from '../dataset.ts'

/**
 * Facts of records whose rows lie one after the other in a buffer, by their position in order of
 * arrival. Kept in columns: thousands of objects that live for a while would cost the garbage
 * collector more than everything else that is done with them.
 */
export class HeldRecords {
  length = 0
  /** Whether they came in time order. */
  isAscending = true
  #ts: Float64Array
  #ranks: Float64Array
  #checks: Float64Array
  #ends: Float64Array
  #rows: Uint32Array
  readonly #symbols: string[] = []
  readonly #identities: (string | number)[] = []

  constructor(size = 64) {
    this.#ts = new Float64Array(size)
    this.#ranks = new Float64Array(size)
    this.#checks = new Float64Array(size)
    this.#ends = new Float64Array(size)
    this.#rows = new Uint32Array(size)
  }

  /** Adds a record; its rows lie between those of the one before and `end`. */
  add(record: RecordFacts, end: number): void {
    const at = this.length
    if (at === this.#ts.length) this.#grow(2 * at)
    if (at > 0 && record.ts < this.tsOf(at - 1)) this.isAscending = false
    this.#ts[at] = record.ts
    this.#ranks[at] = record.rank
    this.#checks[at] = record.check
    this.#ends[at] = end
    this.#rows[at] = record.rows
    this.#symbols.push(record.symbol)
    this.#identities.push(record.identity)
    this.length = at + 1
  }

  tsOf(at: number): number {
    return this.#ts[at] ?? 0
  }

  /** Where the rows of a record begin in the buffer. */
  startOf(at: number): number {
    return at > 0 ? this.endOf(at - 1) : 0
  }

  endOf(at: number): number {
    return this.#ends[at] ?? 0
  }

  get(at: number): RecordFacts {
    return {
      ts: this.tsOf(at),
      symbol: this.#symbols[at] ?? '',
      identity: this.#identities[at] ?? '',
      rank: this.#ranks[at] ?? 0,
      rows: this.#rows[at] ?? 0,
      check: this.#checks[at] ?? 0,
    }
  }

  /** Positions in time order, those of equal time in order of arrival. */
  inTimeOrder(): Uint32Array {
    const order = new Uint32Array(this.length)
    for (let at = 0; at < order.length; at++) order[at] = at
    return this.isAscending ? order : order.toSorted((a, b) => this.tsOf(a) - this.tsOf(b) || a - b)
  }

  /** Bytes of the rows of a record. */
  sizeOf(at: number): number {
    return this.endOf(at) - this.startOf(at)
  }

  /** The places of the rows of some records, neighbours as one. */
  placesOf(positions: Uint32Array): readonly Place[] {
    const places: Place[] = []
    let start = 0
    let end = 0
    for (const at of positions) {
      const from = this.startOf(at)
      if (from !== end) {
        if (end > start) places.push({ start, end })
        start = from
      }
      end = this.endOf(at)
    }
    if (end > start) places.push({ start, end })
    return places
  }

  #grow(size: number): void {
    this.#ts = copyTo(new Float64Array(size), this.#ts)
    this.#ranks = copyTo(new Float64Array(size), this.#ranks)
    this.#checks = copyTo(new Float64Array(size), this.#checks)
    this.#ends = copyTo(new Float64Array(size), this.#ends)
    this.#rows = copyTo(new Uint32Array(size), this.#rows)
  }
}

/** A part of a buffer. */
export interface Place {
  readonly start: number
  readonly end: number
}

function copyTo<Values extends Float64Array | Uint32Array>(larger: Values, values: Values): Values {
  larger.set(values)
  return larger
}
