import { groupBy } from './group-by.ts'
import { decodeObject, type DecodedBook } from './decode.ts'
import type { Layout } from './layouts.ts'
import type { Version } from '../archive/version.ts'

/** What the ledger must say of a version that was loaded. */
export interface ExpectedObject {
  readonly state: 'complete' | 'complete_empty' | 'corrupt' | 'degraded'
  /** Rows kept of the object by itself, whatever its neighbours hold. */
  readonly rows: number
}

/** State and rows of a version in one layout. */
export function expectObject(version: Version, layout: Layout): ExpectedObject {
  const { books, rejected } = decodeObject(version)
  const rows = [...lastOfSlots(books, layout).values()].reduce(
    (sum, book) => sum + layout.keptRows(book),
    0,
  )
  if (!version.whole) return { state: 'corrupt', rows }
  if (rejected > 0) return { state: 'degraded', rows }
  return { state: rows > 0 ? 'complete' : 'complete_empty', rows }
}

/** Rows a view must show of some versions together: key → value. */
export function expectRows(versions: readonly Version[], layout: Layout): Map<string, string> {
  const rows = new Map<string, string>()
  const byCoin = groupBy(versions, ({ coin }) => coin)
  for (const [coin, own] of byCoin) {
    const inTime = own.toSorted((a, b) => a.hour - b.hour)
    const books = inTime.flatMap((version) => decodeObject(version).books)
    for (const book of lastOfSlots(books, layout).values()) {
      for (const [key, value] of layout.rowsOf(coin, book)) rows.set(key, value)
    }
  }
  return rows
}

/** The book of each slot that was recorded last; the later line, and object, among equals. */
function lastOfSlots(
  books: readonly DecodedBook[],
  { slotOf }: Layout,
): ReadonlyMap<string, DecodedBook> {
  const last = new Map<string, DecodedBook>()
  for (const book of books) {
    const slot = slotOf(book)
    const before = last.get(slot)
    if (!before || book.recv >= before.recv) last.set(slot, book)
  }
  return last
}
