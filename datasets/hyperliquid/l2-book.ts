import { dataTable, type DataTable } from '@backtide/core/table'
import type { Dataset, ObjectContext, RecordReader } from '../dataset.ts'
import { arrayColumn, rowStart, textColumn, type Column } from '../ilp/names.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import {
  archive,
  BOOK_REACH_MS,
  bookKey,
  COIN,
  coinOf,
  FINAL_AFTER_DAYS,
  marketOf,
  VENUE,
} from './archive.ts'
import type { Book, Side } from './book.ts'
import { BookReader, receivedAfter } from './book-reader.ts'
import { BOOK_CHECK_SQL, checkBook } from './l2-book-check.ts'

/** Every order book of the archive, nothing thrown away: a row a book, a side an array. */
export const hyperliquidL2Book: Dataset = {
  id: 'hyperliquid.l2_book',
  title: 'Hyperliquid order books, 20 levels a side: prices, sizes and order counts as arrays',
  granularity: 'hour',
  symbols: 'named',
  symbolPattern: COIN,
  coinOf,
  source: archive(bookKey),
  begins: Date.UTC(2023, 3, 15),
  finalAfterDays: FINAL_AFTER_DAYS,
  table: bookTable('l2_book'),
  symbolColumn: 'symbol',
  constants: VENUE,
  record: ['ts', 'symbol', 'ts_recv'],
  reachMs: BOOK_REACH_MS,
  checksum: BOOK_CHECK_SQL,
  inexact: [],
  formats: [
    {
      version: 2,
      container: 'lz4',
      createReader: (object) => createL2BookReader(hyperliquidL2Book, object),
    },
  ],
}

/** A table of order books: a row a book, a side an array of prices, sizes and counts. */
export function bookTable(name: string): DataTable {
  return dataTable({
    name,
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
  })
}

const TS_RECV = textColumn('ts_recv')
const BIDS = arrayColumn('bids')
const ASKS = arrayColumn('asks')

/** Reader of an hour of books into a dataset that has a `bookTable`. */
export function createL2BookReader(
  { table, constants }: Pick<Dataset, 'table' | 'constants'>,
  object: ObjectContext,
): RecordReader {
  const { symbol } = object
  const start = rowStart(table.name, { ...constants, market: marketOf(symbol), symbol })
  return new BookReader(object, (book, records) => {
    const identity = receivedAfter(book, object)
    const check = checkBook(book)
    writeBook(book, start, records.rows)
    records.commit({ ts: book.ts, symbol, identity, rank: 0, rows: 1, check })
  })
}

function writeBook(book: Book, start: Buffer, rows: RowWriter): void {
  rows.begin(start)
  rows.nanos(TS_RECV, book.receivedMicros, book.receivedNanos)
  writeSide(BIDS, book.bids, rows)
  writeSide(ASKS, book.asks, rows)
  rows.end(book.ts)
}

function writeSide(column: Column, side: Side, rows: RowWriter): void {
  rows.openArray2(column, 3, side.depth)
  rows.floats(side.prices, side.depth)
  rows.floats(side.sizes, side.depth)
  rows.floats(side.counts, side.depth)
}
