import type { Order } from './partition.ts'

/** The options of a backfill that are a choice; the first of each is the default. */
export const ORDERS = ['oldest-first', 'newest-first'] as const satisfies readonly Order[]
export const REPROCESS = [
  'incomplete',
  'repairable',
  'missing',
  'corrupt',
  'degraded',
  'changed',
  'all',
] as const
export const ON_FAILURE = ['continue', 'pause', 'abort'] as const

/** Most days a backfill may have in flight. */
export const MAX_CONCURRENCY = 64

/**
 * What a backfill loads again: `incomplete` what has no ledger row or one in an open state;
 * `repairable` only what of that a load could change by now (core/repairable.ts);
 * `missing`, `corrupt`, `degraded` that and what is in this state: they are final until somebody
 * asks to look again; `changed` also objects whose ETag, size or decoder version differ; `all` everything.
 */
export type Reprocess = (typeof REPROCESS)[number]

/** The state, final otherwise, that a choice looks at again; undefined for the other choices. */
export function stateLookedAt(
  reprocess: Reprocess,
): 'missing' | 'corrupt' | 'degraded' | undefined {
  return reprocess === 'missing' || reprocess === 'corrupt' || reprocess === 'degraded'
    ? reprocess
    : undefined
}

/** What a failed day does to the backfill: go on, pause, or end it as failed. */
export type OnFailure = (typeof ON_FAILURE)[number]
