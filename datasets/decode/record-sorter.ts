import type { RecordFacts } from '../dataset.ts'
import type { RecordChunk } from './decoded-object.ts'
import { copyBytes } from '../values/copy-bytes.ts'
import { HeldRecords } from './held-records.ts'
import { groupEnd, resolveEquals, type EqualEvents } from './resolve-equals.ts'
import type { SpareMemory } from '../values/spare-memory.ts'
import { RowWriter, type RowOrigin } from '../ilp/row-writer.ts'

/** Puts records in time order, keeps one of equal ones, and cuts them into chunks. */
export interface RecordSorter {
  /** Rows of the next record are written here. */
  readonly rows: RowWriter
  /**
   * The rows written since the last `commit` are this record's.
   * @throws RangeError when there are none: such a record could not be read back, nor fill the window
   */
  commit(record: RecordFacts): void
  /** Takes back the rows written since the last `commit`. */
  rewind(): void
  /** Whether `drain` has something to do. */
  isFull(): boolean
  /** Emits the older half of what is held once the window is full; run it to its end. */
  drain(): Generator<RecordChunk, void>
  /** Emits all that is held; run it to its end. */
  flush(): Generator<RecordChunk, void>
}

export interface SorterLimits {
  /** Most bytes a chunk has, as far as one timestamp allows: it is cut only where `ts` changes. */
  readonly chunkBytes: number
  /** Most encoded bytes that are held back, but for one record. */
  readonly reorderBytes: number
}

/** Told of every record, once. */
export interface SorterEvents extends EqualEvents {
  /** It is in a chunk. Records come by batch, within a batch in time order. */
  emitted(record: RecordFacts, batch: number): void
  /** It came after records of its time or later were emitted. */
  late(record: RecordFacts): void
}

/** Gives memory for the rows of a chunk: exactly so many bytes, which nobody else writes. */
export type TakeMemory = (bytes: number) => Uint8Array

export interface SorterOptions {
  /** The object: rows that do not lie in its partition say so. */
  readonly origin?: RowOrigin
  /** Where the memory of chunks comes from; fresh without it. */
  readonly takeMemory?: TakeMemory | undefined
  /** Where rows are held back; fresh memory without it. */
  readonly rowMemory?: SpareMemory | undefined
}

/**
 * Sorter that writes records into one buffer and emits in batches: all at the end, or the older half
 * whenever `reorderBytes` are held. So an object that fits in the window is sorted exactly, and a
 * record of a larger one may come half a window too late; one that comes later still goes out with
 * the next batch. Chunks own their memory.
 */
export function createRecordSorter(
  limits: SorterLimits,
  events: SorterEvents,
  options: SorterOptions = {},
): RecordSorter {
  return new Sorter(limits, events, options)
}

class Sorter implements RecordSorter {
  readonly rows: RowWriter
  readonly #limits: SorterLimits
  readonly #events: SorterEvents
  readonly #takeMemory: TakeMemory
  #held = new HeldRecords()
  #heldEnd = 0
  #emittedTs = -Infinity
  #batch = 0

  constructor(limits: SorterLimits, events: SorterEvents, options: SorterOptions) {
    this.rows = new RowWriter(options.origin, undefined, options.rowMemory)
    this.#limits = limits
    this.#events = events
    this.#takeMemory = options.takeMemory ?? Buffer.allocUnsafeSlow
  }

  commit(record: RecordFacts): void {
    if (this.rows.length === this.#heldEnd) throw new RangeError('A record without rows')
    if (record.ts <= this.#emittedTs) this.#events.late(record)
    this.#heldEnd = this.rows.length
    this.#held.add(record, this.#heldEnd)
  }

  rewind(): void {
    this.rows.rewind(this.#heldEnd)
  }

  isFull(): boolean {
    return this.#heldEnd > this.#limits.reorderBytes
  }

  *drain(): Generator<RecordChunk, void> {
    if (!this.isFull()) return
    const held = this.#held
    const order = held.inTimeOrder()
    const cut = findCut(order, held, this.#heldEnd - this.#limits.reorderBytes / 2)
    yield* this.#emit(order.subarray(0, cut))
    this.#held = compact(order.subarray(cut).toSorted(), held, this.rows)
    this.#heldEnd = this.rows.length
  }

  *flush(): Generator<RecordChunk, void> {
    yield* this.#emit(this.#held.inTimeOrder())
    this.#held = new HeldRecords()
    this.#heldEnd = 0
    this.rows.release()
  }

  /** Emits records that are in time order, all that are held of each time. */
  *#emit(positions: Uint32Array): Generator<RecordChunk, void> {
    const winners = this.#choose(positions)
    for (let start = 0; start < winners.length;) {
      const end = chunkEnd(winners, start, this.#held, this.#limits.chunkBytes)
      yield copyChunk(winners.subarray(start, end), this.#held, this.rows, this.#takeMemory)
      start = end
    }
  }

  /** The positions of the records that win; tells of them. */
  #choose(positions: Uint32Array): Uint32Array {
    const held = this.#held
    const winners = resolveEquals(positions, held, this.rows, this.#events)
    this.#batch++
    for (const at of winners) {
      this.#events.emitted(held.get(at), this.#batch)
      this.#emittedTs = Math.max(this.#emittedTs, held.tsOf(at))
    }
    return winners
  }
}

/** Where the first groups of equal time end that have at least `bytes` bytes. */
function findCut(positions: Uint32Array, held: HeldRecords, bytes: number): number {
  let size = 0
  let cut = 0
  while (cut < positions.length && size < bytes) {
    const end = groupEnd(positions, cut, held)
    size += sizeOf(positions, cut, end, held)
    cut = end
  }
  return cut
}

/** Where a chunk ends that begins at `start`: groups of equal time while they fit, at least one. */
function chunkEnd(positions: Uint32Array, start: number, held: HeldRecords, bytes: number): number {
  let size = 0
  let cut = start
  while (cut < positions.length) {
    const end = groupEnd(positions, cut, held)
    size += sizeOf(positions, cut, end, held)
    if (cut > start && size > bytes) break
    cut = end
  }
  return cut
}

function sizeOf(positions: Uint32Array, start: number, end: number, held: HeldRecords): number {
  let size = 0
  for (let at = start; at < end; at++) size += held.sizeOf(positions[at] ?? 0)
  return size
}

function copyChunk(
  positions: Uint32Array,
  held: HeldRecords,
  rows: RowWriter,
  takeMemory: TakeMemory,
): RecordChunk {
  const ts = new Float64Array(positions.length)
  const ends = new Uint32Array(positions.length)
  let length = 0
  for (let at = 0; at < positions.length; at++) {
    const position = positions[at] ?? 0
    length += held.sizeOf(position)
    ts[at] = held.tsOf(position)
    ends[at] = length
  }
  const bytes = takeMemory(length)
  const target = Buffer.from(bytes.buffer, bytes.byteOffset, length)
  let filled = 0
  for (const { start, end } of held.placesOf(positions)) {
    copyBytes(rows.slice(start, end), target, filled)
    filled += end - start
  }
  return { bytes, ts, ends }
}

/** Moves the rows that stay to the start of the buffer, in order of arrival: none overwrites another. */
function compact(staying: Uint32Array, held: HeldRecords, rows: RowWriter): HeldRecords {
  let length = 0
  for (const { start, end } of held.placesOf(staying)) {
    rows.move(start, end, length)
    length += end - start
  }
  const kept = new HeldRecords()
  let end = 0
  for (const at of staying) {
    end += held.sizeOf(at)
    kept.add(held.get(at), end)
  }
  rows.rewind(length)
  return kept
}
