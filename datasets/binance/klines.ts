import { DAY_MS } from '@backtide/core/range'
import { parseSeries } from '@backtide/core/series'
import type { Dataset, ObjectContext, RecordReader, RecordSink, RejectReason } from '../dataset.ts'
import { doubleColumn, rowStart, textColumn } from '../ilp/names.ts'
import { CANDLE_LENGTHS, CANDLES } from '../unified/candles.ts'
import {
  checkInteger,
  checkIntegerSql,
  checkKeySql,
  checkNumber,
  checkNumberSql,
  checkProduct,
  checkRowSql,
} from '../values/checksum.ts'
import { sniffHeader } from '../values/csv-header.ts'
import { dailyFiles, FINAL_AFTER_DAYS, MICROSECONDS_SINCE, SPOT, SYMBOL } from './archive.ts'
import { CandleTimes, KLINE_COLUMNS, KlineRow, type KlinePositions } from './klines-row.ts'
import { KlineScanner } from './klines-scanner.ts'

/** Lengths of candles in milliseconds: those up to a day have a file a day. */
const LENGTHS = new Map<string, number>(
  Object.entries(CANDLE_LENGTHS).filter(([, length]) => length <= DAY_MS),
)

/** Decimals of a candle: column of the table, column of the files. */
const AMOUNTS = ['open', 'high', 'low', 'close', 'volume', 'quote_volume'] as const

/** Candles of the spot market: a zipped CSV a day, symbol and interval. */
export const binanceKlines: Dataset = {
  id: 'binance.klines',
  title: 'Binance spot candles, from seconds to days',
  granularity: 'day',
  symbols: 'named',
  symbolPattern: SYMBOL,
  intervals: [...LENGTHS.keys()],
  source: dailyFiles('spot', 'klines'),
  begins: Date.UTC(2017, 7, 17),
  finalAfterDays: FINAL_AFTER_DAYS,
  table: CANDLES,
  symbolColumn: 'symbol',
  constants: SPOT,
  record: ['ts', 'symbol', 'interval'],
  reachMs: 0,
  shortAfterMs: Object.fromEntries(LENGTHS),
  checksum: checkRowSql(checkKeySql([checkIntegerSql('ts')]), [
    ...AMOUNTS.map(checkNumberSql),
    checkIntegerSql('trades'),
  ]),
  inexact: ['volume', 'quote_volume'],
  formats: [
    {
      until: MICROSECONDS_SINCE,
      version: 1,
      container: 'zip',
      needsLineEnd: true,
      createReader: (object) => new KlineReader(object, 1000),
    },
    {
      version: 1,
      container: 'zip',
      needsLineEnd: true,
      createReader: (object) => new KlineReader(object, 1),
    },
  ],
}

/** Reader of a day of candles. */
class KlineReader implements RecordReader {
  readonly #series: string
  readonly #start: Buffer
  readonly #times: CandleTimes
  readonly #row = new KlineRow()
  /** Which candles of the day were read. */
  readonly #seen: Uint8Array
  #positions = FILE_ORDER
  #scanner = new KlineScanner(FILE_ORDER)

  /** @throws Error when the series has no interval that files have */
  constructor(object: ObjectContext, unitMicros: 1 | 1000) {
    const { symbol, interval = '' } = parseSeries(object.symbol)
    this.#series = object.symbol
    this.#start = rowStart(CANDLES.name, { ...SPOT, symbol, interval })
    this.#times = new CandleTimes(object, lengthOf(interval), unitMicros)
    this.#seen = new Uint8Array(this.#times.count)
  }

  header(line: Buffer): boolean {
    const positions = sniffHeader(line, KLINE_COLUMNS)
    if (!positions) return false
    this.#positions = positions
    this.#scanner = new KlineScanner(positions)
    return true
  }

  scan(line: Buffer): boolean {
    return this.#scanner.scan(line, this.#row) && this.#judgeTimes() === true
  }

  parse(line: Buffer): true | RejectReason {
    const fields = line.toString('utf8').split(',')
    if (fields.length !== KLINE_COLUMNS.length) return 'wrong_shape'
    const reading = this.#row.parse(fields, this.#positions)
    return reading === true ? this.#judgeTimes() : reading
  }

  write(records: RecordSink): void {
    const { values } = this.#row
    const open = values[OPEN_TIME] ?? 0
    const ts = this.#times.microsOf(open)
    this.#seen[this.#times.indexOf(open)] = 1
    const { rows } = records
    rows.begin(this.#start)
    for (let at = 0; at < DOUBLES.length; at++) {
      const column = DOUBLES[at]
      if (column) rows.double(column, values[FIELDS[at] ?? 0] ?? 0)
    }
    rows.int(TRADES, values[COUNT] ?? 0)
    rows.boolean(CLOSED, true)
    rows.end(ts)
    const check = checkCandle(ts, values)
    records.commit({ ts, symbol: this.#series, identity: '', rank: 0, rows: 1, check })
  }

  /** Candles that a whole day does not have are a fact of the archive: nothing could be traded. */
  end(records: Pick<RecordSink, 'warn'>): void {
    const missing = this.#seen.reduce((count, seen) => count - seen, this.#times.count)
    if (missing > 0) records.warn('missing_candles', missing)
  }

  #judgeTimes(): true | RejectReason {
    const { values } = this.#row
    return this.#times.judge(values[OPEN_TIME] ?? 0, values[CLOSE_TIME] ?? 0)
  }
}

function lengthOf(interval: string): number {
  const length = LENGTHS.get(interval)
  if (length === undefined)
    throw new Error(`There are no files of candles of ${interval || 'no length'}.`)
  return length
}

/** Mirror of the checksum in SQL. */
function checkCandle(ts: number, values: Float64Array): number {
  let sum = 1 + (FIELDS.length + 1) * checkInteger(values[COUNT] ?? 0)
  for (let at = 0; at < FIELDS.length; at++) {
    sum += (at + 1) * checkNumber(values[FIELDS[at] ?? 0] ?? 0)
  }
  return checkProduct(checkInteger(ts), sum)
}

const FILE_ORDER = Object.fromEntries(KLINE_COLUMNS.map((name, at) => [name, at])) as KlinePositions

const OPEN_TIME = KLINE_COLUMNS.indexOf('open_time')
const CLOSE_TIME = KLINE_COLUMNS.indexOf('close_time')
const COUNT = KLINE_COLUMNS.indexOf('count')
/** Where `AMOUNTS` are among the columns of the files. */
const FIELDS = Uint8Array.from(AMOUNTS, (name) => KLINE_COLUMNS.indexOf(name))

const DOUBLES = AMOUNTS.map(doubleColumn)
const TRADES = textColumn('trades')
const CLOSED = textColumn('closed')
