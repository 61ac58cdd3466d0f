import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  isCancellation,
} from '@temporalio/workflow'
import type { DayOutcome } from '@backtide/core/backfill'
import { FAILURE } from '@backtide/core/failure'

const MAX_REASON = 500

/** True when the running scope was cancelled and this error is how it shows. */
export function isOwnCancellation(error: unknown): boolean {
  return isCancellation(error) && CancellationScope.current().consideredCancelled
}

/** Why something failed, in one line: the message of the innermost cause that is no wrapper. */
export function reasonOf(error: unknown): string {
  const cause = unwrap(error)
  const text = cause instanceof Error ? cause.message || cause.name : String(cause)
  return text.slice(0, MAX_REASON)
}

/** Type of the failure an activity or a day reported, if it reported one. */
export function failureTypeOf(error: unknown): string | undefined {
  const cause = unwrap(error)
  return cause instanceof ApplicationFailure ? (cause.type ?? undefined) : undefined
}

/**
 * The failure a workflow ends with: of the same type as what it caught and not retryable, so that
 * nobody retries what was given up already. A plain error thrown by a workflow would hang it.
 */
export function toWorkflowFailure(error: unknown, outcome?: DayOutcome): ApplicationFailure {
  if (error instanceof ApplicationFailure && !outcome) return error
  return ApplicationFailure.create({
    message: reasonOf(error),
    type: failureTypeOf(error) ?? FAILURE.unexpected,
    nonRetryable: true,
    ...(outcome && { details: [outcome] }),
    ...(error instanceof Error && { cause: error }),
  })
}

/** What a failed day had come to by then, if it could still say so. */
export function outcomeOf(error: unknown): DayOutcome | undefined {
  const cause = unwrap(error)
  if (!(cause instanceof ApplicationFailure)) return undefined
  const detail: unknown = cause.details?.[0]
  const known = typeof detail === 'object' && detail !== null && 'counts' in detail
  return known ? (detail as DayOutcome) : undefined
}

function unwrap(error: unknown): unknown {
  const wrapper = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure
  return wrapper && error.cause ? unwrap(error.cause) : error
}
