import type { PlannedObjects, PlanProgress, PlanSummary } from '@backtide/core/plan'
import type { PlanContext } from './look-at-part.ts'

/** What one attempt hands to the next: all that is known of the parts before `next`. */
export interface PlanCursor extends PlanProgress {
  readonly next: number
  readonly planned: PlannedObjects
  readonly gets: number
  /** Objects noted. */
  readonly noted: number
  readonly exact: boolean
  readonly rewrites: PlanSummary['rewrites']
  readonly hash: string
  readonly seenAt: number
}

export interface DrawContext extends PlanContext {
  readonly namespace: string
  /** What the attempt before reported last, if there was one. */
  readonly before: Partial<PlanCursor> | undefined
  readonly report: (cursor: PlanCursor) => void
  /** Dollars for so many requests and bytes, and what this plan was charged so far. */
  readonly costOf: (usage: { readonly gets: number; readonly bytes: number }) => number
  readonly spentSoFar: () => Promise<number>
}
