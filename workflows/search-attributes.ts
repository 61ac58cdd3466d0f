import { defineSearchAttributeKey } from '@temporalio/common'

/** Id of the backfill: on the backfill and on its days. */
export const BACKFILL_ATTRIBUTE = defineSearchAttributeKey('BacktideBackfill', 'KEYWORD')

/** Name of the dataset, e.g. `hyperliquid.l2_book`. */
export const DATASET_ATTRIBUTE = defineSearchAttributeKey('BacktideDataset', 'KEYWORD')

/** Phase of a backfill, as in its progress. */
export const PHASE_ATTRIBUTE = defineSearchAttributeKey('BacktidePhase', 'KEYWORD')

/** Start of the UTC day of a `loadDay`. */
export const DAY_ATTRIBUTE = defineSearchAttributeKey('BacktideDay', 'DATETIME')

/** Days of a backfill that failed for good. */
export const FAILED_ATTRIBUTE = defineSearchAttributeKey('BacktideFailed', 'INT')

/** How a backfill ended: `complete`, `incomplete`, `aborted`, `failed` or `cancelled`. */
export const OUTCOME_ATTRIBUTE = defineSearchAttributeKey('BacktideOutcome', 'KEYWORD')

/** Everything to register with the namespace; without it, start backfills with `indexed: false`. */
export const SEARCH_ATTRIBUTES = [
  BACKFILL_ATTRIBUTE,
  DATASET_ATTRIBUTE,
  PHASE_ATTRIBUTE,
  DAY_ATTRIBUTE,
  FAILED_ATTRIBUTE,
  OUTCOME_ATTRIBUTE,
] as const
