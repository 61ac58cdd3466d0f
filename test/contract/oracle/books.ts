import type { ObjectContext, RecordReader, RecordSink } from '@backtide/datasets/dataset'
import {
  checkInteger,
  checkKey,
  checkNanos,
  checkNumber,
  checkRow,
} from '@backtide/datasets/values/checksum'
import { arrayColumn, doubleColumn, rowStart, textColumn } from '@backtide/datasets/ilp/names'
import { hyperliquidL2Snapshot } from '@backtide/datasets/hyperliquid/l2-snapshot'
import { evaluateCheck } from '../sql-check.ts'
import { readBookLine, receivedAfter, type Book, type Side } from './book-line.ts'
import { marketOf } from './market.ts'
import { createOracle } from './oracle.ts'

/** Oracle of `hyperliquid.l2_book`, and of what has its form. */
export function createBookOracle(
  object: ObjectContext,
  table = 'l2_book_all',
  exchange = 'hyperliquid',
): RecordReader {
  const read = (line: Buffer) => readBookLine(line, object)
  const { symbol } = object
  return createOracle(read, (book, records) => {
    records.rows.begin(rowStart(table, { exchange, market: marketOf(symbol), symbol }))
    writeBook(book, object, records)
    for (const warning of book.warnings) records.warn(warning)
  })
}

/** Oracle of `hyperliquid.l2_snapshot`. */
export function createSnapshotOracle(object: ObjectContext): RecordReader {
  const read = (line: Buffer) => readBookLine(line, object)
  return createOracle(read, (book, records) => {
    writeLevels(book, object, records)
    for (const warning of book.warnings) records.warn(warning)
  })
}

function writeBook(book: Book, object: ObjectContext, records: RecordSink): void {
  const { rows } = records
  const { symbol } = object
  rows.nanos(textColumn('ts_recv'), book.received.micros, book.received.nanos)
  for (const name of ['bids', 'asks'] as const) {
    const { prices, sizes, counts } = book[name]
    rows.array2(arrayColumn(name), [prices, sizes, counts])
  }
  rows.end(book.ts)
  const identity = receivedAfter(book, object)
  records.commit({ ts: book.ts, symbol, identity, rank: 0, rows: 1, check: checkBook(book) })
}

/** Check of a book's row: both times are its key; the depth and two levels of each side its values. */
export function checkBook({ ts, received, bids, asks }: Book): number {
  const key = checkKey([checkInteger(ts), checkNanos(received.micros, received.nanos)])
  return checkRow(key, [...sideParts(bids, key), ...sideParts(asks, key)])
}

function sideParts({ prices, sizes, counts }: Side, key: number): number[] {
  const depth = prices.length
  const levels = depth === 0 ? [] : [0, key % depth]
  return [
    depth,
    ...levels.flatMap((level) => [prices, sizes, counts].map((row) => checkNumber(row[level]))),
    ...(depth === 0 ? [0, 0, 0, 0, 0, 0] : []),
  ]
}

/** A book without levels is one row of level -1. */
function writeLevels(book: Book, object: ObjectContext, records: RecordSink): void {
  const { ts } = book
  const levels = [...levelsOf(book.bids, 'bid'), ...levelsOf(book.asks, 'ask')]
  const written: readonly Level[] = levels.length > 0 ? levels : [{ side: 'bid', level: -1 }]
  let check = 0
  for (const level of written) check += writeLevel(level, ts, object.symbol, records)
  const rank = receivedAfter(book, object)
  const rows = written.length
  records.commit({ ts, symbol: object.symbol, identity: '', rank, rows, check })
}

interface Level {
  readonly side: 'bid' | 'ask'
  readonly level: number
  readonly price?: number | undefined
  readonly quantity?: number | undefined
}

function levelsOf({ prices, sizes }: Side, side: Level['side']): Level[] {
  return prices.map((price, level) => ({ side, level, price, quantity: sizes[level] }))
}

/** Writes a row and returns its check. */
function writeLevel(
  { side, level, price, quantity }: Level,
  ts: number,
  ticker: string,
  { rows }: RecordSink,
): number {
  rows.begin(rowStart('l2_snapshot_all', { ticker, side }))
  rows.int(textColumn('level'), level)
  if (price !== undefined) rows.double(doubleColumn('price'), price)
  if (quantity !== undefined) rows.double(doubleColumn('quantity'), quantity)
  rows.end(ts)
  const values = { side, level, ...(price === undefined ? {} : { price, quantity: quantity ?? 0 }) }
  const row = { table: 'l2_snapshot_all', ts, kinds: { level: 'int' as const }, values }
  return evaluateCheck(hyperliquidL2Snapshot.checksum, row)
}
