import { sql, trusted } from '@backtide/store/sql'
import type { Store } from '@backtide/store/store'
import type { Book, Level } from './books.ts'

/** A row of `l2_book`, in the order of `bookRow`. */
export type BookRow = readonly [string, string, string, unknown, unknown]

/** Rows of `l2_book` of a UTC day's objects (those recorded in it), by time. */
export async function bookRows(store: Store, day: string): Promise<readonly BookRow[]> {
  const rows = await store.db.query(
    sql`SELECT symbol, ts, ts_recv, bids, asks FROM l2_book
      WHERE ts_recv >= ${day} AND ts_recv < dateadd('d', 1, ${trusted(`'${day}'::timestamp`)})
      ORDER BY symbol, ts, ts_recv`,
  )
  return rows as unknown as BookRow[]
}

/** The row a book must give: prices, sizes and order counts by side. */
export function bookRow({ coin, time, recv, bids, asks }: Book): BookRow {
  const micros = `${new Date(time).toISOString().slice(0, -1)}000Z`
  const seconds = new Date(Number(recv / 1_000_000n)).toISOString().slice(0, 19)
  const nanos = String(recv % 1_000_000_000n).padStart(9, '0')
  return [coin, micros, `${seconds}.${nanos}Z`, columns(bids), columns(asks)]
}

/** The rows some books must give, in the order of `bookRows`. */
export function expectedRows(books: readonly Book[]): BookRow[] {
  return books.map(bookRow).toSorted((a, b) => compare(a[0], b[0]) || compare(a[2], b[2]))
}

/** A row of `l2_snapshot`: time, side, level, price, quantity. */
export type SnapshotRow = readonly [string, string, number, number, number]

/** What readers see of a ticker in `l2_snapshot`, two days around a UTC day included. */
export async function snapshotRows(
  store: Store,
  ticker: string,
  day: string,
): Promise<readonly SnapshotRow[]> {
  const at = trusted(`'${day}'::timestamp`)
  const rows = await store.db.query(
    sql`SELECT ts, side, level, price, quantity FROM l2_snapshot
      WHERE ts >= dateadd('d', -1, ${at}) AND ts < dateadd('d', 2, ${at}) AND ticker = ${ticker}
      ORDER BY ts, side, level`,
  )
  return rows as unknown as SnapshotRow[]
}

/** The rows some books of one coin must give: of each time those of the book that was seen last. */
export function expectedSnapshot(books: readonly Book[]): SnapshotRow[] {
  const last = new Map<number, Book>()
  for (const book of books) {
    const other = last.get(book.time)
    if (!other || other.recv <= book.recv) last.set(book.time, book)
  }
  return [...last.values()]
    .toSorted((a, b) => a.time - b.time)
    .flatMap(({ time, bids, asks }) => [
      ...sideRows(time, 'ask', asks),
      ...sideRows(time, 'bid', bids),
    ])
}

function sideRows(time: number, side: string, all: readonly Level[]): SnapshotRow[] {
  const ts = `${new Date(time).toISOString().slice(0, -1)}000Z`
  return all.map(({ px, sz }, level) => [ts, side, level, Number(px), Number(sz)])
}

function columns(levels: readonly Level[]): number[][] {
  return [
    levels.map(({ px }) => Number(px)),
    levels.map(({ sz }) => Number(sz)),
    levels.map(({ n }) => n),
  ]
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
