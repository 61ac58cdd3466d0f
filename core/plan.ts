import type { Granularity } from './partition.ts'
import type { BackfillRequest } from './request.ts'
import type { StateCounts } from './state.ts'
import type { Timing } from './timing.ts'

/** Workflow type that draws up a plan. */
export const PLAN_WORKFLOW = 'plan'

/** Its workflow id. */
export function planWorkflowId(planId: string): string {
  return `plan/${planId}`
}

/** What an id of a plan may look like; it tells when the plan was asked for. */
export const PLAN_ID = /^p-([0-9a-z]{8})-[0-9a-f]{8}$/

/** The id of a plan that is asked for at an instant (UTC milliseconds); `nonce` is 8 hexadecimal digits. */
export function planIdAt(createdAt: number, nonce: string): string {
  return `p-${createdAt.toString(36).padStart(8, '0')}-${nonce}`
}

/** When a plan was asked for, UTC milliseconds; undefined for what is no id of one. */
export function planCreatedAt(planId: string): number | undefined {
  const [, at] = PLAN_ID.exec(planId) ?? []
  return at === undefined ? undefined : Number.parseInt(at, 36)
}

/** What a plan has seen is kept for so many days: then it cannot be carried out any more. */
export const PLAN_DAYS = 14

/** Input of the `plan` workflow. */
export interface PlanOrder {
  readonly planId: string
  readonly request: BackfillRequest
  readonly requestHash: string
  /** UTC milliseconds. */
  readonly createdAt: number
  readonly granularity: Granularity
  readonly tempo: Timing
}

/** Objects, and their compressed bytes. */
export interface Bulk {
  readonly objects: number
  readonly bytes: number
}

/** What a backfill would do with the objects of its range. */
export interface PlannedObjects {
  /** To be fetched. */
  readonly load: Bulk
  /** To be loaded from a copy that is kept. */
  readonly kept: Bulk
  /** Asked for, and not sent as long as they are what was loaded. */
  readonly unchanged: number
  /** Not in the archive: asked for once, and put on record as what they are then. */
  readonly absent: { readonly missing: number; readonly pending: number }
  /** Of days on which nobody traded their instrument: only put on record. */
  readonly notListed: number
  /** Left alone for what the ledger says of them, by state. */
  readonly skipped: StateCounts
}

export const NOTHING_PLANNED: PlannedObjects = {
  load: { objects: 0, bytes: 0 },
  kept: { objects: 0, bytes: 0 },
  unchanged: 0,
  absent: { missing: 0, pending: 0 },
  notListed: 0,
  skipped: {},
}

/** What a plan came to. */
export interface PlanSummary extends PlannedObjects {
  /** Objects of the range, all series. */
  readonly total: number
  /** The archive said how large its objects are, and which it has; else sizes are those of like objects. */
  readonly exact: boolean
  /** Dollars; `listing` was spent for the plan itself. */
  readonly cost: {
    readonly transferUsd: number
    readonly requestsUsd: number
    readonly listingUsd: number
  }
  /** Rows that like objects let expect, and what they take on disk; absent while nothing is known. */
  readonly rows?: number
  readonly diskBytes?: number
  /** What QuestDB will write again, as it lies later in days that are loaded into. */
  readonly rewrites: { readonly rows: number; readonly bytes: number; readonly days: number }
  /** By what was measured lately; absent while nothing was. */
  readonly etaSeconds?: number
  /** SHA-256 of all that was seen, hexadecimal. */
  readonly hash: string
  /** When the ledger was looked at first, UTC milliseconds. */
  readonly seenAt: number
}

/** How far a plan is. */
export interface PlanProgress {
  readonly objects: number
  readonly total: number
}

/** Objects that are not what a plan saw, and some of them in words. */
export interface Difference {
  readonly objects: number
  readonly samples: readonly string[]
}

const MOST_SAMPLES = 5

/** Both together. */
export function addDifference(a: Difference | undefined, b: Difference): Difference {
  if (!a) return { ...b, samples: b.samples.slice(0, MOST_SAMPLES) }
  const samples = [...a.samples, ...b.samples].slice(0, MOST_SAMPLES)
  return { objects: a.objects + b.objects, samples }
}

/** `3 objects are not what the plan saw (…)`. */
export function describeDifference({ objects, samples }: Difference): string {
  const more = objects > samples.length ? ', …' : ''
  const which = objects === 1 ? '1 object is' : `${objects} objects are`
  return `${which} not what the plan saw, and not loaded (${samples.join('; ')}${more})`
}
