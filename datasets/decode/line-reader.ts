import type { RecordFacts, RecordReader, RecordSink, RejectReason } from '../dataset.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import { withoutMark } from './lines.ts'
import type { TallyKeeper } from './object-tally.ts'
import type { RecordSorter } from './record-sorter.ts'

/** What a line passes through; also what its reader reports to. */
export class LineReader implements RecordSink {
  readonly rows: RowWriter
  readonly #reader: RecordReader
  readonly #scans: boolean
  readonly #sorter: RecordSorter
  readonly #tally: TallyKeeper
  #isFirst = true
  #header: Buffer | undefined
  #current: Buffer = Buffer.alloc(0)

  constructor({ reader, scan, sorter, tally }: LineWay) {
    this.rows = sorter.rows
    this.#reader = reader
    this.#scans = scan && reader.scan !== undefined
    this.#sorter = sorter
    this.#tally = tally
  }

  read(whole: Buffer): void {
    this.#tally.line()
    const line = withoutMark(whole)
    // Files with a mark of their own were put together; behind some there is nothing.
    if (line.length < whole.length) this.warn('byte_order_mark')
    if (line.length > 0) this.#decode(line)
  }

  /** The last line, which lost its end. */
  rejectCut(line: Buffer): void {
    this.#tally.line()
    this.#tally.reject('cut_off', line)
  }

  #decode(line: Buffer): void {
    if (this.#isFirst) {
      this.#isFirst = false
      if (this.#takeHeader(line)) return
    }
    if (this.#scans) {
      const scanned = this.#reader.scan?.(line)
      if (scanned === true) return this.#write(line)
      if (scanned === 'skipped') return this.#tally.skip()
      this.#tally.fallback()
    }
    // Files that were put together each bring their own.
    if (this.#header?.equals(line)) return this.warn('repeated_header')
    const reading = this.#reader.parse(line)
    if (reading === true) this.#write(line)
    else if (reading === 'skipped') this.#tally.skip()
    else this.#tally.reject(reading, line)
  }

  #takeHeader(line: Buffer): boolean {
    if (!this.#reader.header?.(line)) return false
    this.#header = Buffer.from(line)
    if (this.#scans) this.#tally.fallback()
    return true
  }

  #write(line: Buffer): void {
    this.#current = line
    this.#reader.write(this)
    this.#sorter.rewind()
  }

  commit(record: RecordFacts): void {
    this.#tally.record(record)
    this.#sorter.commit(record)
  }

  reject(reason: RejectReason): void {
    this.#sorter.rewind()
    this.#tally.reject(reason, this.#current)
  }

  warn(warning: string, times?: number): void {
    this.#tally.warn(warning, times)
  }

  /** After the last line of an object that is whole. */
  end(): void {
    this.#reader.end?.(this)
  }
}

/** What `LineReader` works with; without `scan` it parses every line in full. */
export interface LineWay {
  readonly reader: RecordReader
  readonly scan: boolean
  readonly sorter: RecordSorter
  readonly tally: TallyKeeper
}
