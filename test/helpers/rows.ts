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
