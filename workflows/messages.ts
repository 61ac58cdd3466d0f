import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { RefreshRequest } from '@backtide/core/derived'
import { REFRESH } from '@backtide/core/ids'
import type { Adoption } from '@backtide/core/adoption'
import type { BackfillProgress, Remark } from '@backtide/core/backfill'
import type { OptionsChange, RunningOptions } from '@backtide/core/running-options'

/** Starts nothing new; what is in flight ends. The argument is optional. */
export const pauseSignal = defineSignal<[Remark?]>('pause')

/** Goes on after a pause, also after one that a failed day caused. The argument is optional. */
export const resumeSignal = defineSignal<[Remark?]>('resume')

/** Cancels the backfill, so that it ends as Canceled. The argument is optional. */
export const cancelSignal = defineSignal<[Remark?]>('cancel')

/** Has something derived made where it is stale, or made anew. */
export const refreshSignal = defineSignal<[RefreshRequest?]>(REFRESH)

/** Where the backfill stands. */
export const progressQuery = defineQuery<BackfillProgress>('progress')

/** How far an adoption is; undefined before it knows what there is. */
export const adoptionQuery = defineQuery<Adoption | undefined>('adoption')

export interface ConcurrencyInput {
  /** Days in flight at once, 1 to `MAX_CONCURRENCY`. */
  readonly concurrency: number
}

/** Changes how many days are in flight at once; returns the number. Refused outside of 1 to `MAX_CONCURRENCY`. */
export const setConcurrencyUpdate = defineUpdate<number, [ConcurrencyInput]>('setConcurrency')

/** Changes some options; returns all as they are then. Refused as `faultOfChange` says. */
export const setOptionsUpdate = defineUpdate<RunningOptions, [OptionsChange]>('setOptions')
export interface BudgetInput {
  /** Dollars the backfill may cost, more than 0. */
  readonly maxCostUsd: number
}

/** Changes what the backfill may cost; returns it. One paused for it goes on when it is resumed. */
export const setBudgetUpdate = defineUpdate<number, [BudgetInput]>('setBudget')

/** Queues the failed days kept again; returns how many. Refused when there is none. */
export const retryFailedUpdate = defineUpdate<number>('retryFailed')

const MAX_TEXT = 500

/** The reason and the author in whatever somebody sent along with a signal; all else is dropped. */
export function readRemark(value: unknown): Remark {
  if (typeof value !== 'object' || value === null) return {}
  const { reason, by } = value as Partial<Record<keyof Remark, unknown>>
  return {
    ...(typeof reason === 'string' && { reason: reason.slice(0, MAX_TEXT) }),
    ...(typeof by === 'string' && { by: by.slice(0, MAX_TEXT) }),
  }
}
