import type { OnFailure, Reprocess } from './backfill.ts'
import type { Order } from './partition.ts'

/** The options of a backfill that are a choice; the first of each is the default. */
export const ORDERS = ['oldest-first', 'newest-first'] as const satisfies readonly Order[]
export const REPROCESS = ['incomplete', 'changed', 'all'] as const satisfies readonly Reprocess[]
export const ON_FAILURE = ['continue', 'pause', 'abort'] as const satisfies readonly OnFailure[]
