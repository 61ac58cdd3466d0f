import { dataTable } from '@backtide/core/table'
import {
  checkInteger,
  checkIntegerSql,
  checkNumber,
  checkNumberSql,
  checkRow,
  checkRowSql,
  remainder,
} from '../checksum.ts'
import type { Dataset, LineDecoder, LineScanner, ObjectContext } from '../dataset.ts'
import { doubleColumn, rowStart, textColumn } from '../ilp/names.ts'
import { RowBlock } from '../ilp/row-block.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import { archive, bookKey, COIN, FINAL_AFTER_DAYS } from './archive.ts'
import { readBookLine, receivedAfter, type Side } from './l2-book-line.ts'
import { warnOfOddities } from './l2-book-oddities.ts'
import { BookScanner, MOST_LEVELS, type SideScanner } from './l2-book-scanner.ts'

/**
 * Order books a row a level, in the layout of AnySignal's `l2_snapshot`. A timestamp of a ticker has
 * room for one book: the one that was recorded last.
 */
export const hyperliquidL2Snapshot: Dataset = {
  id: 'hyperliquid.l2_snapshot',
  title: 'Hyperliquid order books, a row a level: one book per ticker and millisecond',
  granularity: 'hour',
  symbols: 'named',
  symbolPattern: COIN,
  source: archive(bookKey),
  begins: Date.UTC(2023, 3, 15),
  finalAfterDays: FINAL_AFTER_DAYS,
  table: dataTable({
    name: 'l2_snapshot',
    columns: {
      ts: 'TIMESTAMP',
      ticker: 'SYMBOL',
      side: 'SYMBOL',
      level: 'INT',
      price: 'DOUBLE',
      quantity: 'DOUBLE',
    },
    partitionBy: 'DAY',
    keys: ['ts', 'ticker', 'side', 'level'],
  }),
  symbolColumn: 'ticker',
  checksum: checkRowSql([
    checkIntegerSql('ts'),
    `CASE WHEN side = 'bid' THEN 1 ELSE 2 END`,
    checkIntegerSql('level'),
    checkNumberSql('price'),
    checkNumberSql('quantity'),
  ]),
  constants: {},
  record: ['ts', 'ticker'],
  reachMs: 65 * 60_000,
  inexact: [],
  formats: [{ version: 1, createLineDecoder, createLineScanner }],
}

const LEVEL = textColumn('level')
const PRICE = doubleColumn('price')
const QUANTITY = doubleColumn('quantity')

const BID_CHECK = 1
const ASK_CHECK = 2

function startOf(ticker: string, side: 'bid' | 'ask'): Buffer {
  return rowStart(hyperliquidL2Snapshot.table.name, { ticker, side })
}

function createLineDecoder(object: ObjectContext): LineDecoder {
  const bid = startOf(object.symbol, 'bid')
  const ask = startOf(object.symbol, 'ask')
  return (line, records) => {
    const book = readBookLine(line, object)
    if (typeof book === 'string') return records.reject(book)
    const { ts, bids, asks } = book
    const check =
      writeSide(bids, ts, bid, BID_CHECK, records.rows) +
      writeSide(asks, ts, ask, ASK_CHECK, records.rows)
    records.commit({
      ts,
      symbol: object.symbol,
      identity: '',
      rank: receivedAfter(book, object),
      rows: bids.prices.length + asks.prices.length,
      check,
    })
    for (const warning of book.warnings) records.warn(warning)
  }
}

/** Writes the levels of a side and returns the sum of their checks. */
function writeSide(
  { prices, sizes }: Side,
  ts: number,
  start: Buffer,
  sideCheck: number,
  rows: RowWriter,
): number {
  const tsCheck = checkInteger(ts)
  let check = 0
  for (const [level, price] of prices.entries()) {
    const quantity = sizes[level] ?? 0
    rows.begin(start)
    rows.int(LEVEL, level)
    rows.double(PRICE, price)
    rows.double(QUANTITY, quantity)
    rows.end(ts)
    check += checkRow([tsCheck, sideCheck, level, checkNumber(price), checkNumber(quantity)])
  }
  return check
}

function createLineScanner(object: ObjectContext): LineScanner {
  const book = new BookScanner(object)
  const bids = createSideWriter(startOf(object.symbol, 'bid'), BID_CHECK)
  const asks = createSideWriter(startOf(object.symbol, 'ask'), ASK_CHECK)
  return (line, records) => {
    if (!book.scan(line)) return false
    const { ts } = book
    const check = bids(book.bids, ts, records.rows) + asks(book.asks, ts, records.rows)
    const rows = book.bids.depth + book.asks.depth
    const rank = receivedAfter(book, object)
    records.commit({ ts, symbol: object.symbol, identity: '', rank, rows, check })
    warnOfOddities(book, records)
    return true
  }
}

/** Writes the levels of a scanned side and returns the sum of their checks. */
type SideWriter = (side: SideScanner, ts: number, rows: RowWriter) => number

/** The rows of a side differ only in their numbers: they are written into copies made beforehand. */
function createSideWriter(start: Buffer, sideCheck: number): SideWriter {
  const block = new RowBlock(MOST_LEVELS, { start, counter: LEVEL, doubles: [PRICE, QUANTITY] })
  return ({ prices, sizes, depth }, ts, rows) => {
    const first = checkInteger(ts) + 2 * sideCheck
    let check = 0
    for (let level = 0; level < depth; level++) {
      const price = prices[level] ?? 0
      const quantity = sizes[level] ?? 0
      block.put(2 * level, price)
      block.put(2 * level + 1, quantity)
      const numbers = 4 * checkNumber(price) + 5 * checkNumber(quantity)
      check += remainder(first + 3 * level + numbers)
    }
    rows.raw(block.take(depth, ts))
    return check
  }
}
