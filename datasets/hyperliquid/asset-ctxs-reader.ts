import type {
  Dataset,
  Format,
  ObjectContext,
  RecordReader,
  RecordSink,
  RejectReason,
} from '../dataset.ts'
import { locateColumns, readHeader } from '../values/csv-header.ts'
import { parseDecimal } from '../values/decimal.ts'
import { isNearPartition, parseUtcTime, TOLERANCE_MS } from '../values/time.ts'
import { archive, COIN, compactDay, FINAL_AFTER_DAYS } from './archive.ts'
import { CONTEXT_COLUMNS, ContextRow, NUMBERS, type ColumnPositions } from './asset-ctxs-row.ts'
import { ContextScanner } from './asset-ctxs-scanner.ts'

/** What datasets over the days of the archive have in common: they differ in the rows they write. */
export const CONTEXT_DAYS = {
  granularity: 'day',
  symbols: 'all',
  symbolPattern: COIN,
  source: archive((start) => `asset_ctxs/${compactDay(start)}.csv.lz4`),
  begins: Date.UTC(2023, 4, 20),
  finalAfterDays: FINAL_AFTER_DAYS,
  reachMs: TOLERANCE_MS,
  shortAfterMs: 3_600_000,
} as const satisfies Partial<Dataset>

/** Writes what a context becomes. `Coin` is what it needs of a coin, made once an object. */
export interface ContextWriter<Coin> {
  coinOf(symbol: string): Coin
  /** Commits one record. */
  write(row: ContextRow, coin: Coin, records: RecordSink): void
}

/** The format of the days, read into rows of one kind. */
export function contextFormats<Coin>(
  version: number,
  createWriter: () => ContextWriter<Coin>,
): readonly Format[] {
  const createReader = (object: ObjectContext) => new ContextReader(object, createWriter())
  return [{ version, container: 'lz4', createReader, needsLineEnd: true }]
}

/** Reader of a day of the archive. */
class ContextReader<Coin> implements RecordReader {
  readonly #object: ObjectContext
  readonly #writer: ContextWriter<Coin>
  readonly #row = new ContextRow()
  readonly #coins = new Map<string, Known<Coin>>()
  #positions: ColumnPositions
  #scanner: ContextScanner
  #coin: Known<Coin> | undefined

  constructor(object: ObjectContext, writer: ContextWriter<Coin>) {
    this.#object = object
    this.#writer = writer
    this.#positions = locateColumns(CONTEXT_COLUMNS, CONTEXT_COLUMNS)
    this.#scanner = new ContextScanner(object, this.#positions)
  }

  header(line: Buffer): true {
    this.#positions = readHeader(line, CONTEXT_COLUMNS)
    this.#scanner = new ContextScanner(this.#object, this.#positions)
    return true
  }

  scan(line: Buffer): boolean {
    const scanner = this.#scanner
    if (!scanner.scan(line, this.#row)) return false
    this.#coin = this.#coinOf(line.toString('latin1', scanner.coinStart, scanner.coinEnd))
    return this.#coin !== undefined
  }

  parse(line: Buffer): true | RejectReason {
    // The files quote nothing, so a quote is data of another shape: no column may hold one.
    const fields = line.toString('utf8').split(',')
    if (fields.length !== CONTEXT_COLUMNS.length) return 'wrong_shape'
    const { [this.#positions.time]: time = '', [this.#positions.coin]: coin = '' } = fields
    const at = parseUtcTime(time)
    if (!at || at.nanos > 0 || coin.includes('"')) return 'wrong_shape'
    this.#coin = this.#coinOf(coin)
    if (!this.#coin) return 'wrong_symbol'
    if (!isNearPartition(at.micros, this.#object)) return 'outside_partition'
    this.#row.ts = at.micros
    return parseNumbers(fields, this.#positions, this.#row)
  }

  write(records: RecordSink): void {
    if (!this.#coin) return
    this.#writer.write(this.#row, this.#coin.of, records)
    if (this.#row.hasNegativeInterest()) records.warn('negative_open_interest')
  }

  /** A coin by name, undefined for what is none; a name that is none is not kept. */
  #coinOf(name: string): Known<Coin> | undefined {
    const known = this.#coins.get(name)
    if (known) return known
    if (!COIN.test(name)) return undefined
    const coin = { of: this.#writer.coinOf(name) }
    this.#coins.set(name, coin)
    return coin
  }
}

interface Known<Coin> {
  readonly of: Coin
}

function parseNumbers(
  fields: readonly string[],
  positions: ColumnPositions,
  row: ContextRow,
): true | RejectReason {
  for (const [at, name] of NUMBERS.entries()) {
    const text = fields[positions[name]] ?? ''
    const value = text === '' || text === 'null' ? Number.NaN : parseDecimal(text)
    if (typeof value === 'string') return value
    row.numbers[at] = value
    if (!row.judge(at)) return 'negative'
  }
  row.judgePremium()
  return true
}
