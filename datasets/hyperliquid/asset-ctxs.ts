import { dataTable, type DataTable } from '@backtide/core/table'
import type { Dataset, ObjectContext, RecordReader, RecordSink, RejectReason } from '../dataset.ts'
import { doubleColumn, rowStart } from '../ilp/names.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import { locateColumns, readHeader } from '../values/csv-header.ts'
import { parseDecimal } from '../values/decimal.ts'
import { isNearPartition, parseUtcTime, TOLERANCE_MS } from '../values/time.ts'
import { archive, COIN, compactDay, FINAL_AFTER_DAYS, marketOf, VENUE } from './archive.ts'
import { checkContext, CONTEXT_CHECK_SQL, contextKey, symbolKey } from './asset-ctxs-check.ts'
import { CONTEXT_COLUMNS, ContextRow, NUMBERS, type ColumnPositions } from './asset-ctxs-row.ts'
import { ContextScanner } from './asset-ctxs-scanner.ts'

/** Funding, open interest and prices of every coin, once a minute: one CSV object a day. */
export const hyperliquidAssetCtxs: Dataset = {
  id: 'hyperliquid.asset_ctxs',
  title: 'Hyperliquid asset contexts: funding, open interest, volume and prices, by the minute',
  granularity: 'day',
  symbols: 'all',
  symbolPattern: COIN,
  source: archive((start) => `asset_ctxs/${compactDay(start)}.csv.lz4`),
  begins: Date.UTC(2023, 4, 20),
  finalAfterDays: FINAL_AFTER_DAYS,
  table: contextTable('asset_ctxs'),
  symbolColumn: 'symbol',
  constants: VENUE,
  record: ['ts', 'symbol'],
  reachMs: TOLERANCE_MS,
  shortAfterMs: 3_600_000,
  checksum: CONTEXT_CHECK_SQL,
  inexact: ['day_ntl_vlm'],
  formats: [
    {
      version: 2,
      container: 'lz4',
      createReader: (object) => createContextReader(hyperliquidAssetCtxs, object),
      needsLineEnd: true,
    },
  ],
}

/** A table of asset contexts: a row a coin and minute. */
export function contextTable(name: string): DataTable {
  return dataTable({
    name,
    columns: {
      ts: 'TIMESTAMP',
      exchange: 'SYMBOL',
      market: 'SYMBOL',
      symbol: 'SYMBOL',
      funding: 'DOUBLE',
      open_interest: 'DOUBLE',
      prev_day_px: 'DOUBLE',
      day_ntl_vlm: 'DOUBLE',
      premium: 'DOUBLE',
      oracle_px: 'DOUBLE',
      mark_px: 'DOUBLE',
      mid_px: 'DOUBLE',
      impact_bid_px: 'DOUBLE',
      impact_ask_px: 'DOUBLE',
    },
    partitionBy: 'DAY',
    keys: ['ts', 'exchange', 'market', 'symbol'],
  })
}

/** Reader of a day of contexts into a dataset that has a `contextTable`. */
export function createContextReader(
  { table, constants }: Pick<Dataset, 'table' | 'constants'>,
  object: ObjectContext,
): RecordReader {
  return new ContextReader(object, (symbol) =>
    rowStart(table.name, { ...constants, market: marketOf(symbol), symbol }),
  )
}

/** Reader of a day of the archive. */
class ContextReader implements RecordReader {
  readonly #object: ObjectContext
  readonly #startOf: (symbol: string) => Buffer
  readonly #row = new ContextRow()
  readonly #coins = new Map<string, Coin>()
  #positions: ColumnPositions
  #scanner: ContextScanner
  #coin: Coin | undefined

  constructor(object: ObjectContext, startOf: (symbol: string) => Buffer) {
    this.#object = object
    this.#startOf = startOf
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
    const coin = this.#coin
    if (!coin) return
    const { ts, numbers } = this.#row
    writeContext(this.#row, coin.start, records.rows)
    const check = checkContext(contextKey(ts, coin.key), numbers)
    records.commit({ ts, symbol: coin.symbol, identity: '', rank: 0, rows: 1, check })
    if (this.#row.hasNegativeInterest()) records.warn('negative_open_interest')
  }

  /** A coin by name, undefined for what is none; a name that is none is not kept. */
  #coinOf(name: string): Coin | undefined {
    const known = this.#coins.get(name)
    if (known) return known
    if (!COIN.test(name)) return undefined
    const coin = { symbol: name, start: this.#startOf(name), key: symbolKey(name) }
    this.#coins.set(name, coin)
    return coin
  }
}

/** A coin as rows name it: the start of its rows is written once, its part of their keys computed once. */
interface Coin {
  readonly symbol: string
  readonly start: Buffer
  readonly key: number
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

const DOUBLES = NUMBERS.map(doubleColumn)

function writeContext({ ts, numbers }: ContextRow, start: Buffer, rows: RowWriter): void {
  rows.begin(start)
  for (let at = 0; at < DOUBLES.length; at++) {
    const value = numbers[at] ?? Number.NaN
    const column = DOUBLES[at]
    if (column && !Number.isNaN(value)) rows.double(column, value)
  }
  rows.end(ts)
}
