import { doubleColumn, rowStart, textColumn } from '../ilp/names.ts'
import { RowBlock } from '../ilp/row-block.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import { USUAL_ROOM, type Book, type Side } from './book.ts'
import { checkLevel, LEVEL_STEP, sideKey, type SideName } from './l2-snapshot-check.ts'

/** Writes the rows of a book. */
export type SnapshotRows = (book: Book, rows: RowWriter) => Written

/** How many rows were written, and the sum of their checks. */
export interface Written {
  readonly rows: number
  readonly check: number
}

/** Writer of the books of one ticker. */
export function createSnapshotRows(table: string, ticker: string): SnapshotRows {
  const bids = new SideWriter(table, ticker, 'bid')
  const asks = new SideWriter(table, ticker, 'ask')
  return (book, rows) => {
    const depth = book.bids.depth + book.asks.depth
    if (depth === 0) return { rows: 1, check: bids.writeEmpty(book.ts, rows) }
    const check = bids.write(book.bids, book.ts, rows) + asks.write(book.asks, book.ts, rows)
    return { rows: depth, check }
  }
}

/**
 * Writer of one side. Its rows differ only in their numbers: they are written into copies made
 * beforehand, which have no room for a seam.
 */
class SideWriter {
  readonly #side: SideName
  readonly #start: Buffer
  readonly #block: RowBlock

  constructor(table: string, ticker: string, side: SideName) {
    this.#side = side
    this.#start = rowStart(table, { ticker, side })
    const form = { start: this.#start, counter: LEVEL, doubles: [PRICE, QUANTITY] }
    this.#block = new RowBlock(USUAL_ROOM, form)
  }

  /** Returns the sum of the checks of the rows. */
  write(side: Side, ts: number, rows: RowWriter): number {
    if (rows.isInside(ts) && this.#block.fits(side.depth, ts)) this.#writeBlock(side, ts, rows)
    else this.#writeOneByOne(side, ts, rows)
    let key = sideKey(ts, this.#side)
    let check = 0
    for (let level = 0; level < side.depth; level++) {
      key += LEVEL_STEP
      check += checkLevel(key, side.prices[level] ?? 0, side.sizes[level] ?? 0)
    }
    return check
  }

  /** The one row of a book without levels: it takes the place of what was at its timestamp. */
  writeEmpty(ts: number, rows: RowWriter): number {
    rows.begin(this.#start)
    rows.int(LEVEL, NO_LEVEL)
    rows.end(ts)
    return checkLevel(sideKey(ts, this.#side), 0, 0)
  }

  #writeBlock({ prices, sizes, depth }: Side, ts: number, rows: RowWriter): void {
    const block = this.#block
    for (let level = 0; level < depth; level++) {
      block.put(2 * level, prices[level] ?? 0)
      block.put(2 * level + 1, sizes[level] ?? 0)
    }
    rows.raw(block.take(depth, ts))
  }

  #writeOneByOne({ prices, sizes, depth }: Side, ts: number, rows: RowWriter): void {
    for (let level = 0; level < depth; level++) {
      rows.begin(this.#start)
      rows.int(LEVEL, level)
      rows.double(PRICE, prices[level] ?? 0)
      rows.double(QUANTITY, sizes[level] ?? 0)
      rows.end(ts)
    }
  }
}

const LEVEL = textColumn('level')
const PRICE = doubleColumn('price')
const QUANTITY = doubleColumn('quantity')

/** Level of a row that says there are none. */
const NO_LEVEL = -1
