import { FAILURE } from '@backtide/core/failure'
import { StoreRefusedError, StoreUnavailableError, TableShapeError } from '@backtide/store/errors'
import { Context } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import { AccessDeniedError, BadSourceError, SourceUnavailableError } from './objects/errors.ts'

/** Attempt at which an error nobody expected is given up. */
const LAST_UNEXPECTED_ATTEMPT = 5

/**
 * Runs the body of an activity and reports what it throws in Backtide's terms (core/failure.ts):
 * weather is retried without limit, bad access and bad requests never, the unknown five times. A
 * cancellation is passed on.
 */
export async function withFailures<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    const context = Context.current()
    // Rejects with the cancellation that Temporal wants to see.
    if (context.cancellationSignal.aborted) return await context.cancelled
    throw asFailure(error, context.info.attempt)
  }
}

/** The failure an error is reported as. */
export function asFailure(error: unknown, attempt: number): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error
  const known = KNOWN.find(({ kind }) => error instanceof kind)
  const last = attempt >= LAST_UNEXPECTED_ATTEMPT
  return ApplicationFailure.create({
    message: error instanceof Error ? error.message : String(error),
    type: known?.type ?? (last ? FAILURE.unexpected : 'Unknown'),
    nonRetryable: known ? !known.passing : last,
    ...(error instanceof Error ? { cause: error } : {}),
  })
}

const KNOWN = [
  { kind: SourceUnavailableError, type: FAILURE.sourceUnavailable, passing: true },
  { kind: StoreUnavailableError, type: FAILURE.storeUnavailable, passing: true },
  { kind: AccessDeniedError, type: FAILURE.accessDenied, passing: false },
  { kind: BadSourceError, type: FAILURE.badRequest, passing: false },
  { kind: StoreRefusedError, type: FAILURE.badRequest, passing: false },
  { kind: TableShapeError, type: FAILURE.badRequest, passing: false },
] as const
