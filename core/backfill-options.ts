import type { Order } from './partition.ts'

/** The options of a backfill that are a choice; the first of each is the default. */
export const ORDERS = ['oldest-first', 'newest-first'] as const satisfies readonly Order[]
export const REPROCESS = ['incomplete', 'changed', 'all'] as const
export const ON_FAILURE = ['continue', 'pause', 'abort'] as const

/** Most days a backfill may have in flight. */
export const MAX_CONCURRENCY = 64

/**
 * What a backfill loads again: `incomplete` what has no ledger row or one in an open state;
 * `changed` also objects whose ETag, size or decoder version differ; `all` everything.
 */
export type Reprocess = (typeof REPROCESS)[number]

/** What a failed day does to the backfill: go on, pause, or end it as failed. */
export type OnFailure = (typeof ON_FAILURE)[number]
