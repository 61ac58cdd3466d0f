import type { LineDecoder, LineScanner, RecordFacts, RecordSink, RejectReason } from '../dataset.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import { withoutMark } from './lines.ts'
import type { TallyKeeper } from './object-tally.ts'
import type { RecordSorter } from './record-sorter.ts'

/** What a line passes through; also what its decoder reports to. */
export class LineReader implements RecordSink {
  readonly rows: RowWriter
  readonly #decodeLine: LineDecoder
  readonly #scanLine: LineScanner | undefined
  readonly #sorter: RecordSorter
  readonly #tally: TallyKeeper
  #current: Buffer = Buffer.alloc(0)

  constructor({ decodeLine, scanLine, sorter, tally }: LineWay) {
    this.rows = sorter.rows
    this.#decodeLine = decodeLine
    this.#scanLine = scanLine
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
    if (this.#scanLine) {
      const understood = this.#scanLine(line, this)
      this.#sorter.rewind()
      if (understood) return
      this.#tally.fallback()
    }
    this.#current = line
    this.#decodeLine(line, this)
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

  warn(warning: string): void {
    this.#tally.warn(warning)
  }
}

export interface LineWay {
  readonly decodeLine: LineDecoder
  readonly scanLine: LineScanner | undefined
  readonly sorter: RecordSorter
  readonly tally: TallyKeeper
}
