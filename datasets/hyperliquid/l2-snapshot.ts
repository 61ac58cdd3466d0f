import { dataTable } from '@backtide/core/table'
import type { Dataset, LineDecoder, LineScanner, ObjectContext } from '../dataset.ts'
import { archive, BOOK_REACH_MS, bookKey, COIN, FINAL_AFTER_DAYS } from './archive.ts'
import { readBookLine, receivedAfter, type Side } from './l2-book-line.ts'
import { warnOfOddities } from './l2-book-oddities.ts'
import { BookScanner } from './l2-book-scanner.ts'
import { SNAPSHOT_CHECK_SQL } from './l2-snapshot-check.ts'
import { createBlockWriter, createSnapshotRows, type Levels } from './l2-snapshot-rows.ts'

/**
 * Order books a row a level, in the layout of AnySignal's `l2_snapshot`. A timestamp of a ticker has
 * room for one book: the one that was recorded last. A book without levels is a row of level -1,
 * which the view leaves out: it is still the last word of its timestamp.
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
    where: 'level >= 0',
  }),
  symbolColumn: 'ticker',
  constants: {},
  record: ['ts', 'ticker'],
  reachMs: BOOK_REACH_MS,
  checksum: SNAPSHOT_CHECK_SQL,
  inexact: [],
  formats: [{ version: 2, createLineDecoder, createLineScanner }],
}

function createLineDecoder(object: ObjectContext): LineDecoder {
  const write = createSnapshotRows(hyperliquidL2Snapshot.table.name, object.symbol)
  return (line, records) => {
    const book = readBookLine(line, object)
    if (typeof book === 'string') return records.reject(book)
    const written = write(levelsOf(book.bids), levelsOf(book.asks), book.ts, records.rows)
    const rank = receivedAfter(book, object)
    records.commit({ ts: book.ts, symbol: object.symbol, identity: '', rank, ...written })
    for (const warning of book.warnings) records.warn(warning)
  }
}

function levelsOf({ prices, sizes }: Side): Levels {
  return { prices, sizes, depth: prices.length }
}

function createLineScanner(object: ObjectContext): LineScanner {
  const book = new BookScanner(object)
  const write = createSnapshotRows(
    hyperliquidL2Snapshot.table.name,
    object.symbol,
    createBlockWriter,
  )
  return (line, records) => {
    if (!book.scan(line)) return false
    const { ts } = book
    const { rows, check } = write(book.bids, book.asks, ts, records.rows)
    const rank = receivedAfter(book, object)
    records.commit({ ts, symbol: object.symbol, identity: '', rank, rows, check })
    warnOfOddities(book, records)
    return true
  }
}
