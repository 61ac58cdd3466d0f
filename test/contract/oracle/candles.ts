import type {
  ObjectContext,
  RecordReader,
  RecordSink,
  RejectReason,
} from '@backtide/datasets/dataset'
import { doubleColumn, rowStart, textColumn } from '@backtide/datasets/ilp/names'
import { checkInteger, checkKey, checkNumber, checkRow } from '@backtide/datasets/values/checksum'
import { locateColumns } from '@backtide/datasets/values/csv-header'
import { parseAmount, parseDecimal } from '@backtide/datasets/values/decimal'
import { createOracle } from './oracle.ts'

/** Oracle of `binance.klines`. */
export function createCandleOracle(object: ObjectContext): RecordReader {
  let header: readonly string[] = COLUMNS
  const seen = new Set<number>()
  const oracle = createOracle(
    (line) => readCandle(line, header, object),
    (candle, records) => {
      seen.add(candle.ts)
      writeCandle(candle, object, records)
    },
  )
  return {
    ...oracle,
    header(line) {
      const cells = line.toString('utf8').split(',')
      if (cells.some((cell) => typeof parseDecimal(cell) === 'number')) return false
      locateColumns(cells, COLUMNS)
      header = cells
      return true
    },
    end(records) {
      const missing = (object.to - object.from) / lengthOf(object) - seen.size
      if (missing > 0) records.warn('missing_candles', missing)
    },
  }
}

const COLUMNS = [
  'open_time',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'close_time',
  'quote_volume',
  'count',
  'taker_buy_volume',
  'taker_buy_quote_volume',
  'ignore',
]
const WHOLE = ['open_time', 'close_time', 'count']
const WRITTEN = ['open', 'high', 'low', 'close', 'volume', 'quote_volume']

const MINUTE_MS = 60_000
const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: MINUTE_MS,
  h: 60 * MINUTE_MS,
  d: 1440 * MINUTE_MS,
}

interface Candle {
  /** UTC microseconds. */
  readonly ts: number
  /** In the order of the table. */
  readonly numbers: readonly number[]
  readonly trades: number
}

/** Milliseconds of the interval of a series: `BTCUSDT 15m`. */
function lengthOf({ symbol }: ObjectContext): number {
  const [, count, unit = ''] = / (\d+)([smhd])$/.exec(symbol) ?? []
  return Number(count) * (UNITS[unit] ?? Number.NaN)
}

function readCandle(
  line: Buffer,
  header: readonly string[],
  object: ObjectContext,
): Candle | RejectReason {
  const fields = line.toString('utf8').split(',')
  if (fields.length !== COLUMNS.length) return 'wrong_shape'
  const values = new Map<string, number>()
  for (const name of COLUMNS.slice(0, -1)) {
    const text = fields[header.indexOf(name)] ?? ''
    const value = WHOLE.includes(name) ? readWhole(text) : parseAmount(text)
    if (typeof value === 'string') return value
    values.set(name, value)
  }
  const of = (name: string) => values.get(name) ?? 0
  // The day says the unit: nothing is guessed from a number.
  const unit = object.from < Date.UTC(2025, 0, 1) ? 1 : 1000
  const [opens, ends] = [of('open_time') / unit, (of('close_time') + 1) / unit]
  if (opens < object.from || opens >= object.to) return 'outside_partition'
  if ((opens - object.from) % lengthOf(object) !== 0) return 'wrong_shape'
  if (ends !== opens + lengthOf(object)) return 'wrong_shape'
  return { ts: opens * 1000, numbers: WRITTEN.map(of), trades: of('count') }
}

function readWhole(text: string): number | RejectReason {
  return /^\d{1,16}$/.test(text) ? Number(text) : 'wrong_shape'
}

function writeCandle(
  { ts, numbers, trades }: Candle,
  { symbol: series }: ObjectContext,
  records: RecordSink,
): void {
  const { rows } = records
  const [symbol = '', interval = ''] = series.split(' ')
  const constants = { exchange: 'binance', market: 'spot', origin: 'archive' }
  rows.begin(rowStart('candles_all', { ...constants, symbol, interval }))
  for (const [at, name] of WRITTEN.entries()) rows.double(doubleColumn(name), numbers[at] ?? 0)
  rows.int(textColumn('trades'), trades)
  rows.boolean(textColumn('closed'), true)
  rows.end(ts)
  const check = checkRow(checkKey([checkInteger(ts)]), [
    ...numbers.map(checkNumber),
    checkInteger(trades),
  ])
  records.commit({ ts, symbol: series, identity: '', rank: 0, rows: 1, check })
}
