import type { Dataset, ObjectContext, RecordReader, RecordSink, RejectReason } from '../dataset.ts'
import { doubleColumn, rowStart, textColumn } from '../ilp/names.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import { TRADES } from '../unified/trades.ts'
import { checkTrade, tradeCheckSql } from '../unified/trades-check.ts'
import { checkIntegerSql, checkKeySql, remainder } from '../values/checksum.ts'
import { locateColumns, sniffHeader } from '../values/csv-header.ts'
import { parseAmount } from '../values/decimal.ts'
import { dailyFiles, FINAL_AFTER_DAYS, SPOT, SYMBOL } from './archive.ts'
import { FileTime } from './file-time.ts'
import { Trade, TRADE_COLUMNS } from './trade.ts'
import { TradeScanner } from './trade-scanner.ts'

/** Every trade of the spot market: a zipped CSV file a day and symbol, in milliseconds until 2024. */
export const binanceTrades: Dataset = {
  id: 'binance.trades',
  title: 'Binance spot trades, one a match',
  granularity: 'day',
  symbols: 'named',
  symbolPattern: SYMBOL,
  source: dailyFiles('spot', 'trades'),
  begins: Date.UTC(2017, 7, 17),
  finalAfterDays: FINAL_AFTER_DAYS,
  table: TRADES,
  symbolColumn: 'symbol',
  constants: SPOT,
  record: ['ts', 'symbol', 'trade_id'],
  reachMs: 0,
  checksum: tradeCheckSql(checkKeySql([checkIntegerSql('ts'), checkIntegerSql('trade_id')])),
  inexact: [],
  formats: [
    {
      version: 1,
      container: 'zip',
      createReader: (object) => new TradeReader(object),
      needsLineEnd: true,
    },
  ],
}

/** Reader of a day of the archive. */
class TradeReader implements RecordReader {
  readonly #symbol: string
  readonly #time: FileTime
  readonly #trade = new Trade()
  readonly #scanner: TradeScanner
  readonly #bought: Buffer
  readonly #sold: Buffer
  #positions = USUAL
  #scans = true

  constructor(object: ObjectContext) {
    const { symbol } = object
    this.#symbol = symbol
    this.#time = new FileTime(object)
    this.#scanner = new TradeScanner(this.#time)
    this.#bought = rowStart(TRADES.name, { ...SPOT, symbol, side: 'buy' })
    this.#sold = rowStart(TRADES.name, { ...SPOT, symbol, side: 'sell' })
  }

  header(line: Buffer): boolean {
    const found = sniffHeader(inSnakeCase(line), TRADE_COLUMNS)
    if (!found) return false
    this.#positions = found
    this.#scans = TRADE_COLUMNS.every((name, at) => found[name] === at)
    return true
  }

  scan(line: Buffer): boolean {
    return this.#scans && this.#scanner.scan(line, this.#trade)
  }

  parse(line: Buffer): true | RejectReason {
    const fields = line.toString('latin1').split(',')
    if (fields.length !== TRADE_COLUMNS.length) return 'wrong_shape'
    const cell = (name: Column) => fields[this.#positions[name]] ?? ''
    const reading = readTrade(cell, this.#time, this.#trade)
    if (reading !== true) return reading
    return this.#time.isInside(this.#trade.ts) ? true : 'outside_partition'
  }

  write(records: RecordSink): void {
    const trade = this.#trade
    writeTrade(trade, trade.isBuy ? this.#bought : this.#sold, records.rows)
    const key = remainder(remainder(trade.ts) + 2 * remainder(trade.id))
    records.commit({
      ts: trade.ts,
      symbol: this.#symbol,
      identity: trade.id,
      rank: 0,
      rows: 1,
      check: checkTrade(key, trade),
    })
  }
}

/** Columns as the venue's API has them: the same, should a header ever name them so. */
const CAMEL_CASE: Readonly<Record<string, string>> = {
  quoteQty: 'quote_qty',
  isBuyerMaker: 'is_buyer_maker',
  isBestMatch: 'is_best_match',
}

function inSnakeCase(line: Buffer): Buffer {
  const names = line.toString('utf8').split(',')
  return Buffer.from(names.map((name) => CAMEL_CASE[name] ?? name).join(','))
}

type Column = (typeof TRADE_COLUMNS)[number]

const USUAL = locateColumns(TRADE_COLUMNS, TRADE_COLUMNS)

/** Fills a trade but for the judgement whether it is of the day. */
function readTrade(
  cell: (name: Column) => string,
  time: FileTime,
  trade: Trade,
): true | RejectReason {
  const amounts = [cell('price'), cell('qty'), cell('quote_qty')].map(parseAmount)
  const wrong = amounts.find((amount) => typeof amount === 'string')
  if (wrong !== undefined) return wrong
  const id = parseInteger(cell('id'))
  const instant = parseInteger(cell('time'))
  const maker = parseBoolean(cell('is_buyer_maker'))
  const best = parseBoolean(cell('is_best_match'))
  if (id === undefined || instant === undefined) return 'wrong_shape'
  if (maker === undefined || best === undefined) return 'wrong_shape'
  const [price, size] = amounts as number[]
  Object.assign(trade, { id, price, size, ts: time.micros(instant), isBuy: !maker })
  return true
}

/** An integer that a double keeps, written in the one way it has. */
function parseInteger(text: string): number | undefined {
  const value = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : undefined
}

function parseBoolean(text: string): boolean | undefined {
  if (text === 'True' || text === 'true') return true
  return text === 'False' || text === 'false' ? false : undefined
}

const QUOTE = Buffer.from('"')
const TRADE_ID = Buffer.concat([textColumn('trade_id'), QUOTE])
const PRICE = doubleColumn('price')
const SIZE = doubleColumn('size')

function writeTrade({ id, ts, price, size }: Trade, start: Buffer, rows: RowWriter): void {
  rows.begin(start)
  rows.column(TRADE_ID)
  rows.digits(id)
  rows.raw(QUOTE)
  rows.double(PRICE, price)
  rows.double(SIZE, size)
  rows.end(ts)
}
