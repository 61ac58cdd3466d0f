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
import { parseAmount } from '../values/decimal.ts'
import { COIN, coinOf, marketOf, VENUE } from './archive.ts'
import { CANDLE_INTERVALS, candlesKept, infoHistory, isInterval } from './info-history.ts'
import { hasOnly, isCount, isObject, NOT_JSON, parseJson } from '../values/json-line.ts'

const CONSTANTS = { ...VENUE, origin: 'rest' } as const

/** Candles as the venue makes them: about the newest 5,000 of each interval, older ones are gone. */
export const hyperliquidCandles: Dataset = {
  id: 'hyperliquid.candles',
  title: 'Hyperliquid candles, the newest 5,000 of each interval; older ones can be made of trades',
  granularity: 'day',
  symbols: 'named',
  symbolPattern: COIN,
  coinOf,
  intervals: CANDLE_INTERVALS,
  source: infoHistory('candleSnapshot'),
  begins: Date.UTC(2020, 7, 19),
  keptMs: Object.fromEntries(CANDLE_INTERVALS.map((interval) => [interval, candlesKept(interval)])),
  madeOf: 'hyperliquid.trades',
  finalAfterDays: 40,
  table: CANDLES,
  symbolColumn: 'symbol',
  constants: CONSTANTS,
  record: ['ts', 'symbol', 'interval'],
  reachMs: 0,
  checksum: checkRowSql(checkKeySql([checkIntegerSql('ts')]), [
    ...['open', 'high', 'low', 'close', 'volume'].map(checkNumberSql),
    checkIntegerSql('trades'),
  ]),
  inexact: [],
  formats: [{ version: 1, container: 'none', createReader: (object) => new CandleReader(object) }],
}

/** Before this instant candles without trades are filler, not quiet. */
const TRADED_SINCE = Date.UTC(2023, 1, 25)

/** Reader of the candles of a day. */
class CandleReader implements RecordReader {
  readonly #object: ObjectContext
  readonly #coin: string
  readonly #interval: string
  readonly #start: Buffer
  #candle: Candle | undefined

  constructor(object: ObjectContext) {
    const { symbol, interval = '' } = parseSeries(object.symbol)
    this.#object = object
    this.#coin = symbol
    this.#interval = interval
    this.#start = rowStart(CANDLES.name, {
      ...CONSTANTS,
      market: marketOf(symbol),
      symbol,
      interval,
    })
  }

  parse(line: Buffer): true | RejectReason {
    const candle = parseCandle(line)
    if (typeof candle === 'string') return candle
    if (candle.coin !== this.#coin) return 'wrong_symbol'
    if (candle.interval !== this.#interval) return 'wrong_channel'
    const { from, to } = this.#object
    if (candle.opens < from || candle.opens >= to) return 'outside_partition'
    if (isFiller(candle)) return 'filler'
    if (isContradictory(candle)) return 'contradictory'
    this.#candle = candle
    return true
  }

  write(records: RecordSink): void {
    const candle = this.#candle
    if (!candle) return
    const ts = candle.opens * 1000
    const { rows } = records
    rows.begin(this.#start)
    for (const [at, column] of COLUMNS.entries()) rows.double(column, candle.values[at] ?? 0)
    rows.int(TRADES, candle.trades)
    rows.boolean(CLOSED, true)
    rows.end(ts)
    const symbol = this.#object.symbol
    records.commit({ ts, symbol, identity: '', rank: 0, rows: 1, check: checkCandle(ts, candle) })
    if (!candle.known) records.warn('unknown_field')
  }
}

interface Candle {
  readonly coin: string
  readonly interval: string
  /** UTC milliseconds. */
  readonly opens: number
  /** Open, high, low, close, volume. */
  readonly values: readonly number[]
  readonly trades: number
  /** It has no field that is not known. */
  readonly known: boolean
}

/** `{"t":1681923600000,"T":1681924499999,"s":"BTC","i":"15m","o":"29295.0",…,"v":"0.98639","n":189}` */
function parseCandle(line: Buffer): Candle | RejectReason {
  const parsed = parseJson(line)
  if (parsed === NOT_JSON) return 'not_json'
  if (!isObject(parsed)) return 'wrong_shape'
  const { t: opens, T: ends, s: coin, i: interval, n: trades } = parsed
  if (typeof coin !== 'string' || typeof interval !== 'string') return 'wrong_shape'
  if (!isCount(opens) || !isCount(ends) || !isCount(trades)) return 'wrong_shape'
  const values: number[] = []
  for (const field of AMOUNTS) {
    const value = parseAmount(parsed[field])
    if (typeof value === 'string') return value
    values.push(value)
  }
  if (!fits(interval, ends + 1 - opens)) return 'wrong_shape'
  return { coin, interval, opens, values, trades, known: hasOnly(parsed, FIELDS) }
}

const AMOUNTS = ['o', 'h', 'l', 'c', 'v'] as const
const FIELDS = new Set(['t', 'T', 's', 'i', 'n', ...AMOUNTS])

/** Months are of 28 to 31 days. */
function fits(interval: string, length: number): boolean {
  if (!isInterval(interval)) return false
  const longest = CANDLE_LENGTHS[interval]
  return interval === '1M' ? length <= longest && length >= (longest / 31) * 28 : length === longest
}

function isFiller({ opens, values, trades }: Candle): boolean {
  return opens < TRADED_SINCE && trades === 0 && values[4] === 0
}

function isContradictory({ values: [open = 0, high = 0, low = 0, close = 0] }: Candle): boolean {
  return high < Math.max(open, close, low) || low > Math.min(open, close)
}

/** Mirror of the checksum in SQL. */
function checkCandle(ts: number, { values, trades }: Candle): number {
  const sum = values.reduce((weighed, value, at) => weighed + (at + 1) * checkNumber(value), 1)
  return checkProduct(checkInteger(ts), sum + 6 * checkInteger(trades))
}

const COLUMNS = ['open', 'high', 'low', 'close', 'volume'].map(doubleColumn)
const TRADES = textColumn('trades')
const CLOSED = textColumn('closed')
