import type { MergedRows } from '@backtide/core/table'

/**
 * How several origins of a minute become one row. The archive comes first: it was published as final,
 * all its columns are of one instant, and it has every minute. What was asked of the venue (`rest`) is
 * as final but has few columns, once an hour. A capture has holes, and what a feed said in passing.
 */
export const ONE_ROW_A_MINUTE: MergedRows = {
  by: ['ts', 'exchange', 'market', 'symbol'],
  column: 'origin',
  priority: ['archive', 'rest', 'capture'],
}
