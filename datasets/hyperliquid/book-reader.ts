import type { ObjectContext, RecordReader, RecordSink, RejectReason } from '../dataset.ts'
import { Book, type Side } from './book.ts'
import { parseBook } from './book-parser.ts'
import { BookScanner } from './book-scanner.ts'

/** Writes the rows of a book and commits them as one record. */
export type WriteBook = (book: Book, records: RecordSink) => void

/** Reader of an hour of books of the archive; tables differ only in how a book is written. */
export class BookReader implements RecordReader {
  readonly #object: ObjectContext
  readonly #book = new Book()
  readonly #scanner: BookScanner
  readonly #writeBook: WriteBook

  constructor(object: ObjectContext, writeBook: WriteBook) {
    this.#object = object
    this.#scanner = new BookScanner(object)
    this.#writeBook = writeBook
  }

  scan(line: Buffer): boolean {
    this.#book.formWarnings = NONE
    return this.#scanner.scan(line, this.#book)
  }

  parse(line: Buffer): true | RejectReason {
    return parseBook(line, this.#object, this.#book)
  }

  write(records: RecordSink): void {
    this.#writeBook(this.#book, records)
    for (const warning of this.#book.formWarnings) records.warn(warning)
    warnOfOddities(this.#book, records)
  }
}

/** Nanoseconds from the start of the object to when a book was received: the later book has more. */
export function receivedAfter(book: Book, object: ObjectContext): number {
  return (book.receivedMicros - object.from * 1000) * 1000 + book.receivedNanos
}

const NONE: readonly string[] = []

/** Levels the venue sends of a side that is deep enough. */
const DEPTH = 20

/** Crossed and locked compare the best prices, wherever in their side they stand. */
function warnOfOddities({ bids, asks }: Book, records: RecordSink): void {
  if (bids.depth === 0 && asks.depth === 0) return records.warn('empty_book')
  const oneSided = bids.depth === 0 || asks.depth === 0
  if (oneSided) records.warn('one_sided')
  if (!isSorted(bids, -1) || !isSorted(asks, 1)) records.warn('unsorted')
  if (!oneSided) {
    const gap = best(asks, 1) - best(bids, -1)
    if (gap < 0) records.warn('crossed')
    if (gap === 0) records.warn('locked')
  }
  if (hasOddDepth(bids) || hasOddDepth(asks)) records.warn('depth')
}

/** 1: prices ascend; -1: they descend. */
type Direction = 1 | -1

function isSorted({ prices, depth }: Side, direction: Direction): boolean {
  for (let level = 1; level < depth; level++) {
    const step = (prices[level] ?? 0) - (prices[level - 1] ?? 0)
    if (!(step * direction > 0)) return false
  }
  return true
}

/** The lowest or highest price, wherever in its side it stands. */
function best({ prices, depth }: Side, direction: Direction): number {
  let found = prices[0] ?? 0
  for (let level = 1; level < depth; level++) {
    const price = prices[level] ?? 0
    if ((price - found) * direction < 0) found = price
  }
  return found
}

function hasOddDepth({ depth }: Side): boolean {
  return depth > 0 && depth !== DEPTH
}
