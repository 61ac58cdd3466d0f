import { doubleColumn, rowStart, textColumn } from '../ilp/names.ts'
import { RowBlock } from '../ilp/row-block.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import { MOST_LEVELS } from './l2-book-scanner.ts'
import { checkLevel, LEVEL_STEP, sideKey, type SideName } from './l2-snapshot-check.ts'

/** Levels of one side, the first `depth` of each list. */
export interface Levels {
  readonly prices: ArrayLike<number>
  readonly sizes: ArrayLike<number>
  readonly depth: number
}

/** Writes the rows of a book at a timestamp in UTC microseconds. */
export type SnapshotRows = (bids: Levels, asks: Levels, ts: number, rows: RowWriter) => Written

/** How many rows were written, and the sum of their checks. */
export interface Written {
  readonly rows: number
  readonly check: number
}

/** Writes the levels of a side and returns the sum of their checks. */
export type SideWriter = (levels: Levels, ts: number, rows: RowWriter) => number

/** How the rows of a side begin, and which it is. */
export interface SideForm {
  readonly start: Buffer
  readonly side: SideName
}

/** Writer of the books of one ticker, sides in the given way. */
export function createSnapshotRows(
  table: string,
  ticker: string,
  createWriter: (form: SideForm) => SideWriter = createPlainWriter,
): SnapshotRows {
  const [bid, ask] = (['bid', 'ask'] as const).map((side): SideForm => {
    return { start: rowStart(table, { ticker, side }), side }
  }) as [SideForm, SideForm]
  const writeBids = createWriter(bid)
  const writeAsks = createWriter(ask)
  return (bids, asks, ts, rows) => {
    const depth = bids.depth + asks.depth
    if (depth === 0) return { rows: 1, check: writeEmpty(bid, ts, rows) }
    return { rows: depth, check: writeBids(bids, ts, rows) + writeAsks(asks, ts, rows) }
  }
}

/** The one row of a book without levels: it takes the place of what was at its timestamp. */
function writeEmpty({ start, side }: SideForm, ts: number, rows: RowWriter): number {
  rows.begin(start)
  rows.int(LEVEL, NO_LEVEL)
  rows.end(ts)
  return checkLevel(sideKey(ts, side), 0, 0)
}

/** Writer of a side, row by row. */
function createPlainWriter({ start, side }: SideForm): SideWriter {
  return ({ prices, sizes, depth }, ts, rows) => {
    let key = sideKey(ts, side)
    let check = 0
    for (let level = 0; level < depth; level++) {
      const price = prices[level] ?? 0
      const quantity = sizes[level] ?? 0
      rows.begin(start)
      rows.int(LEVEL, level)
      rows.double(PRICE, price)
      rows.double(QUANTITY, quantity)
      rows.end(ts)
      check += checkLevel((key += LEVEL_STEP), price, quantity)
    }
    return check
  }
}

/**
 * Writer of a side of at most `MOST_LEVELS`. Its rows differ only in their numbers: they are written
 * into copies made beforehand, which have no room for a seam.
 */
export function createBlockWriter({ start, side }: SideForm): SideWriter {
  const plain = createPlainWriter({ start, side })
  const block = new RowBlock(MOST_LEVELS, { start, counter: LEVEL, doubles: [PRICE, QUANTITY] })
  return (levels, ts, rows) => {
    if (!rows.isInside(ts)) return plain(levels, ts, rows)
    const { prices, sizes, depth } = levels
    let key = sideKey(ts, side)
    let check = 0
    for (let level = 0; level < depth; level++) {
      const price = prices[level] ?? 0
      const quantity = sizes[level] ?? 0
      block.put(2 * level, price)
      block.put(2 * level + 1, quantity)
      check += checkLevel((key += LEVEL_STEP), price, quantity)
    }
    rows.raw(block.take(depth, ts))
    return check
  }
}

const LEVEL = textColumn('level')
const PRICE = doubleColumn('price')
const QUANTITY = doubleColumn('quantity')

/** Level of a row that says there are none. */
const NO_LEVEL = -1
