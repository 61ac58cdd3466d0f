import { dataTable } from '@backtide/core/table'
import type { Dataset, ObjectContext, RecordReader } from '../dataset.ts'
import { archive, BOOK_REACH_MS, bookKey, COIN, coinOf, FINAL_AFTER_DAYS } from './archive.ts'
import { BookReader, receivedAfter } from './book-reader.ts'
import { SNAPSHOT_CHECK_SQL } from './l2-snapshot-check.ts'
import { createSnapshotRows } from './l2-snapshot-rows.ts'

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
  coinOf,
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
  formats: [{ version: 2, container: 'lz4', createReader }],
}

function createReader(object: ObjectContext): RecordReader {
  const { symbol } = object
  const writeRows = createSnapshotRows(hyperliquidL2Snapshot.table.name, symbol)
  return new BookReader(object, (book, records) => {
    const { rows, check } = writeRows(book, records.rows)
    const rank = receivedAfter(book, object)
    records.commit({ ts: book.ts, symbol, identity: '', rank, rows, check })
  })
}
