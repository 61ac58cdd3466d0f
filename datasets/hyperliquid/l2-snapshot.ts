import {
  checkInteger,
  checkIntegerSql,
  checkNumber,
  checkNumberSql,
  checkRow,
  checkRowSql,
} from '../checksum.ts'
import type { Dataset, LineDecoder, ObjectContext } from '../dataset.ts'
import { doubleColumn, rowStart, textColumn } from '../ilp/names.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import { archive, bookKey, COIN, FINAL_AFTER_DAYS } from './archive.ts'
import { readBookLine, receivedAfter, type Side } from './l2-book-line.ts'

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
  table: {
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
  },
  symbolColumn: 'ticker',
  checksum: checkRowSql([
    checkIntegerSql('ts'),
    `CASE WHEN side = 'bid' THEN 1 ELSE 2 END`,
    checkIntegerSql('level'),
    checkNumberSql('price'),
    checkNumberSql('quantity'),
  ]),
  ownsTimestamp: true,
  inexact: [],
  formats: [{ version: 1, createLineDecoder }],
}

const LEVEL = textColumn('level')
const PRICE = doubleColumn('price')
const QUANTITY = doubleColumn('quantity')

const BID_CHECK = 1
const ASK_CHECK = 2

function createLineDecoder(object: ObjectContext): LineDecoder {
  const { name } = hyperliquidL2Snapshot.table
  const bid = rowStart(name, { ticker: object.symbol, side: 'bid' })
  const ask = rowStart(name, { ticker: object.symbol, side: 'ask' })
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
