import type { RecordSink } from '../dataset.ts'
import type { BookScanner, SideScanner } from './l2-book-scanner.ts'

/** Levels the venue sends of a side that is deep enough. */
const DEPTH = 20

/** Warns of what is odd about a scanned book, as `readBookLine` does. */
export function warnOfOddities({ bids, asks }: BookScanner, records: RecordSink): void {
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

function isSorted({ prices, depth }: SideScanner, direction: Direction): boolean {
  for (let level = 1; level < depth; level++) {
    const step = (prices[level] ?? 0) - (prices[level - 1] ?? 0)
    if (!(step * direction > 0)) return false
  }
  return true
}

/** The lowest or highest price, wherever in its side it stands. */
function best({ prices, depth }: SideScanner, direction: Direction): number {
  let found = prices[0] ?? 0
  for (let level = 1; level < depth; level++) {
    const price = prices[level] ?? 0
    if ((price - found) * direction < 0) found = price
  }
  return found
}

function hasOddDepth({ depth }: SideScanner): boolean {
  return depth > 0 && depth !== DEPTH
}
