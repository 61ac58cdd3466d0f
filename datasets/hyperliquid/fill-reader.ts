import type { ObjectContext, RecordReader, RecordSink, RejectReason } from '../dataset.ts'
import { parseBlock, parseFill } from './fill-parser.ts'
import { FillScanner } from './fill-scanner.ts'
import { Block, Fills, type Fill } from './fill.ts'
import { NOT_JSON, parseJson } from '../values/json-line.ts'

/** What a dataset makes of fills. */
export interface FillWriter {
  /** Told of every fill once; false leaves it out, as it is in order and of something else. */
  wants(fill: Fill): boolean
  /** Writes the row of a fill and commits it as one record. */
  write(fill: Fill, block: Block, records: RecordSink): void
  end?(records: Pick<RecordSink, 'warn'>): void
}

/** Reader of an hour of `node_fills`: a line is a fill. */
export class FillLineReader implements RecordReader {
  readonly #object: ObjectContext
  readonly #writer: FillWriter
  readonly #scanner: FillScanner
  readonly #fills = new Fills()
  readonly #noBlock = new Block()

  constructor(object: ObjectContext, writer: FillWriter) {
    this.#object = object
    this.#writer = writer
    this.#scanner = new FillScanner(object)
  }

  scan(line: Buffer): boolean | 'skipped' {
    return this.#scanner.scanLine(line, this.#fills) && this.#judge()
  }

  parse(line: Buffer): true | 'skipped' | RejectReason {
    const parsed = parseJson(line)
    if (parsed === NOT_JSON) return 'not_json'
    const reading = parseFill(parsed, this.#object, this.#fills.at(0))
    return reading === true ? this.#judge() : reading
  }

  write(records: RecordSink): void {
    const fill = this.#fills.at(0)
    this.#writer.write(fill, this.#noBlock, records)
    if (!fill.known) records.warn('unknown_field')
  }

  end(records: Pick<RecordSink, 'warn'>): void {
    this.#writer.end?.(records)
  }

  #judge(): true | 'skipped' {
    return this.#writer.wants(this.#fills.at(0)) || 'skipped'
  }
}

/** Reader of an hour of `node_fills_by_block`: a line is a block, and each of its fills stands for itself. */
export class FillBlockReader implements RecordReader {
  readonly #object: ObjectContext
  readonly #writer: FillWriter
  readonly #scanner: FillScanner
  readonly #block = new Block()
  readonly #fills = new Fills()
  #rejected: RejectReason[] = []

  constructor(object: ObjectContext, writer: FillWriter) {
    this.#object = object
    this.#writer = writer
    this.#scanner = new FillScanner(object)
  }

  scan(line: Buffer): boolean {
    this.#rejected = []
    return this.#scanner.scanBlock(line, this.#block, this.#fills)
  }

  parse(line: Buffer): true | RejectReason {
    const parsed = parseJson(line)
    if (parsed === NOT_JSON) return 'not_json'
    const events = parseBlock(parsed, this.#block)
    if (events === 'wrong_shape') return events
    this.#rejected = []
    this.#fills.length = 0
    for (const event of events) this.#parseEvent(event)
    return true
  }

  write(records: RecordSink): void {
    if (!this.#block.known) records.warn('unknown_field')
    for (let at = 0; at < this.#fills.length; at++) {
      const fill = this.#fills.at(at)
      if (!this.#writer.wants(fill)) continue
      this.#writer.write(fill, this.#block, records)
      if (!fill.known) records.warn('unknown_field')
    }
    for (const reason of this.#rejected) records.reject(reason)
  }

  end(records: Pick<RecordSink, 'warn'>): void {
    this.#writer.end?.(records)
  }

  #parseEvent(event: unknown): void {
    const reading = parseFill(event, this.#object, this.#fills.next())
    if (reading === true) return
    this.#fills.length--
    this.#rejected.push(reading)
  }
}
