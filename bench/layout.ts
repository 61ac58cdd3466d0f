import type { Dataset } from '@backtide/datasets/dataset'
import { hyperliquidL2Book } from '@backtide/datasets/hyperliquid/l2-book'
import { hyperliquidL2Snapshot } from '@backtide/datasets/hyperliquid/l2-snapshot'

/** One of the two ways a book is kept: a row of arrays, or a row a level. */
export interface Layout {
  readonly name: 'arrays' | 'rows'
  readonly dataset: Dataset
  /** Rows that a book of 20 levels a side gives. */
  readonly rowsPerBook: number
  readonly unit: 'books/s' | 'rows/s'
}

export const LAYOUTS: readonly Layout[] = [
  { name: 'arrays', dataset: hyperliquidL2Book, rowsPerBook: 1, unit: 'books/s' },
  { name: 'rows', dataset: hyperliquidL2Snapshot, rowsPerBook: 40, unit: 'rows/s' },
]
