import { dataTable } from '@backtide/core/table'
import type { Dataset, LineDecoder, LineScanner, ObjectContext } from '../dataset.ts'
import { arrayColumn, rowStart, textColumn, type Column } from '../ilp/names.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import { archive, BOOK_REACH_MS, bookKey, COIN, FINAL_AFTER_DAYS, PERPETUALS } from './archive.ts'
import { BOOK_CHECK_SQL, checkBook, checkScannedBook } from './l2-book-check.ts'
import { readBookLine, receivedAfter, type Book } from './l2-book-line.ts'
import { warnOfOddities } from './l2-book-oddities.ts'
import { BookScanner, type SideScanner } from './l2-book-scanner.ts'

/** Every order book of the archive, nothing thrown away: a row a book, a side an array. */
export const hyperliquidL2Book: Dataset = {
  id: 'hyperliquid.l2_book',
  title: 'Hyperliquid order books, 20 levels a side: prices, sizes and order counts as arrays',
  granularity: 'hour',
  symbols: 'named',
  symbolPattern: COIN,
  source: archive(bookKey),
  begins: Date.UTC(2023, 3, 15),
  finalAfterDays: FINAL_AFTER_DAYS,
  table: dataTable({
    name: 'l2_book',
    columns: {
      ts: 'TIMESTAMP',
      ts_recv: 'TIMESTAMP_NS',
      exchange: 'SYMBOL',
      market: 'SYMBOL',
      symbol: 'SYMBOL',
      bids: 'DOUBLE[][]',
      asks: 'DOUBLE[][]',
    },
    partitionBy: 'DAY',
    keys: ['ts', 'exchange', 'market', 'symbol', 'ts_recv'],
  }),
  symbolColumn: 'symbol',
  constants: PERPETUALS,
  record: ['ts', 'symbol', 'ts_recv'],
  reachMs: BOOK_REACH_MS,
  checksum: BOOK_CHECK_SQL,
  inexact: [],
  formats: [{ version: 2, createLineDecoder, createLineScanner }],
}

const TS_RECV = textColumn('ts_recv')
const BIDS = arrayColumn('bids')
const ASKS = arrayColumn('asks')

function startOf({ symbol }: ObjectContext): Buffer {
  return rowStart(hyperliquidL2Book.table.name, { ...PERPETUALS, symbol })
}

function createLineDecoder(object: ObjectContext): LineDecoder {
  const start = startOf(object)
  return (line, records) => {
    const book = readBookLine(line, object)
    if (typeof book === 'string') return records.reject(book)
    writeBook(book, start, records.rows)
    const identity = receivedAfter(book, object)
    const check = checkBook(book)
    records.commit({ ts: book.ts, symbol: object.symbol, identity, rank: 0, rows: 1, check })
    for (const warning of book.warnings) records.warn(warning)
  }
}

function writeBook(book: Book, start: Buffer, rows: RowWriter): void {
  rows.begin(start)
  rows.nanos(TS_RECV, book.received.micros, book.received.nanos)
  rows.array2(BIDS, [book.bids.prices, book.bids.sizes, book.bids.counts])
  rows.array2(ASKS, [book.asks.prices, book.asks.sizes, book.asks.counts])
  rows.end(book.ts)
}

function createLineScanner(object: ObjectContext): LineScanner {
  const start = startOf(object)
  const book = new BookScanner(object)
  return (line, records) => {
    if (!book.scan(line)) return false
    writeScanned(book, start, records.rows)
    const identity = receivedAfter(book, object)
    const check = checkScannedBook(book)
    records.commit({ ts: book.ts, symbol: object.symbol, identity, rank: 0, rows: 1, check })
    warnOfOddities(book, records)
    return true
  }
}

function writeScanned(book: BookScanner, start: Buffer, rows: RowWriter): void {
  rows.begin(start)
  rows.nanos(TS_RECV, book.received.micros, book.received.nanos)
  writeScannedSide(BIDS, book.bids, rows)
  writeScannedSide(ASKS, book.asks, rows)
  rows.end(book.ts)
}

function writeScannedSide(column: Column, side: SideScanner, rows: RowWriter): void {
  rows.openArray2(column, 3, side.depth)
  rows.floats(side.prices, side.depth)
  rows.floats(side.sizes, side.depth)
  rows.floats(side.counts, side.depth)
}
