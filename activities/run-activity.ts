import { FAILURE } from '@backtide/core/failure'
import {
  StoreRefusedError,
  StoreUnavailableError,
  TableShapeError,
  TableTooNewError,
} from '@backtide/store/errors'
import { ALWAYS_OPEN, type Fence } from '@backtide/store/fence'
import { CompleteAsyncError, Context } from '@temporalio/activity'
import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  ActivityResetError,
  type Client,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { createLease, LeaseLostError, type Lease, type LeaseVerdict } from './lease.ts'
import type { ActivityMetrics } from './metrics.ts'
import { AccessDeniedError, BadSourceError, SourceUnavailableError } from './objects/errors.ts'

/** What the body of an activity is given. */
export interface Running {
  /** Aborts when it is to stop: cancelled, shut down, or no longer the attempt that counts. */
  readonly signal: AbortSignal
  /** What it writes goes behind this; always open where the activity has no heartbeat. */
  readonly fence: Fence
  /** Told where it stands. */
  report(progress: object): void
  /** What the attempt before was told last; undefined of the first. */
  readonly before: object | undefined
}

/**
 * Runs the body of an activity, and reports what it throws in Backtide's terms (core/failure.ts):
 * weather is retried without limit, bad access and bad requests never, the unknown a few times.
 *
 * With a heartbeat timeout it holds a lease: heartbeats of our own beside the SDK's, whose answers
 * nobody sees (docs/load-path.md).
 */
export async function runActivity<T>(
  { temporal, metrics }: RunContext,
  body: (running: Running) => Promise<T>,
): Promise<T> {
  const context = Context.current()
  const timeout = context.info.heartbeatTimeoutMs
  const details = openDetails(context)
  const lease = timeout === undefined ? undefined : openLease(temporal, context, details, timeout)
  const beat = () => context.heartbeat(details.current())
  const timer = timeout === undefined ? undefined : setInterval(beat, timeout / BEATS)
  try {
    return await body({
      signal: lease
        ? AbortSignal.any([context.cancellationSignal, lease.signal])
        : context.cancellationSignal,
      fence: lease ?? ALWAYS_OPEN,
      before: context.info.heartbeatDetails as object | undefined,
      report: (progress) => {
        details.progress = progress
        if (lease) beat()
      },
    })
  } catch (error) {
    return await fail(error, { temporal, metrics, context, details, lease })
  } finally {
    clearInterval(timer)
    lease?.close()
  }
}

export interface RunContext {
  readonly temporal: Client
  readonly metrics: Pick<ActivityMetrics, 'failures'>
}

/** Heartbeats in a heartbeat timeout: every 5 s of 30. */
const BEATS = 6

/** Share of the timeout in which a heartbeat must be answered: 3 s of 30. */
const ANSWERED_IN = 1 / 10

/** An answer holds for the timeout less what the longest write may take: 25 s of 30. */
const HELD_FOR = 5 / 6

function openLease(
  temporal: Client,
  { info }: Context,
  details: Details,
  timeoutMs: number,
): Lease {
  const ask = async () => {
    try {
      await temporal.withDeadline(Date.now() + timeoutMs * ANSWERED_IN, () =>
        temporal.activity.heartbeat(info.taskToken, details.current()),
      )
    } catch (error) {
      const verdict = VERDICTS.find(([kind]) => error instanceof kind)?.[1]
      throw verdict ? new LeaseLostError(verdict, { cause: error }) : error
    }
  }
  return createLease({ ask, everyMs: timeoutMs / BEATS, holdsMs: timeoutMs * HELD_FOR })
}

const VERDICTS: readonly (readonly [new (message: string) => Error, LeaseVerdict])[] = [
  [ActivityCancelledError, 'cancelled'],
  [ActivityNotFoundError, 'gone'],
  [ActivityPausedError, 'paused'],
  [ActivityResetError, 'reset'],
]

/** What heartbeats carry: where the activity stands, and how often something unknown went wrong. */
interface Details {
  progress: object
  unknown: number
  current(): object
}

function openDetails({ info }: Context): Details {
  const before = info.heartbeatDetails as { readonly unknown?: unknown } | undefined
  return {
    progress: {},
    unknown: typeof before?.unknown === 'number' ? before.unknown : 0,
    current() {
      return { ...this.progress, unknown: this.unknown }
    },
  }
}

interface Failing extends RunContext {
  readonly context: Context
  readonly details: Details
  readonly lease: Lease | undefined
}

async function fail(
  error: unknown,
  { temporal, metrics, context, details, lease }: Failing,
): Promise<never> {
  // Rejects with the cancellation that Temporal wants to see.
  if (context.cancellationSignal.aborted) return await context.cancelled
  const lost: unknown = lease?.signal.reason
  if (lost instanceof LeaseLostError && lost.verdict === 'cancelled') {
    // The SDK has not heard of it yet: a cancellation thrown now would end the workflow as failed.
    await temporal.activity.reportCancellation(context.info.taskToken).catch(() => {})
    throw new CompleteAsyncError()
  }
  const activity = context.info.activityType
  const counted = (failure: ApplicationFailure) => {
    metrics.failures.inc({ activity, cause: failure.type ?? 'Unknown' })
    return failure
  }
  if (lost) throw counted(asFailure(lost, 0))
  if (!isKnown(error)) {
    details.unknown += 1
    // The next attempt finds the count in the details of the last heartbeat.
    await temporal.activity.heartbeat(context.info.taskToken, details.current()).catch(() => {})
  }
  throw counted(asFailure(error, details.unknown))
}

/** How often an unknown error is met before it is given up: weather in between does not count. */
const MOST_UNKNOWN = 5

/** The failure an error is reported as; `unknown` is how many nobody expected, with this one. */
export function asFailure(error: unknown, unknown: number): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error
  const known = KNOWN.find(({ kind }) => error instanceof kind)
  const last = unknown >= MOST_UNKNOWN
  return ApplicationFailure.create({
    message: error instanceof Error ? error.message : String(error),
    type: known?.type ?? (last ? FAILURE.unexpected : 'Unknown'),
    nonRetryable: known ? !known.passing : last,
    ...(error instanceof Error ? { cause: error } : {}),
  })
}

function isKnown(error: unknown): boolean {
  return error instanceof ApplicationFailure || KNOWN.some(({ kind }) => error instanceof kind)
}

const KNOWN = [
  { kind: SourceUnavailableError, type: FAILURE.sourceUnavailable, passing: true },
  { kind: StoreUnavailableError, type: FAILURE.storeUnavailable, passing: true },
  { kind: LeaseLostError, type: 'LeaseLost', passing: true },
  { kind: AccessDeniedError, type: FAILURE.accessDenied, passing: false },
  { kind: BadSourceError, type: FAILURE.badRequest, passing: false },
  { kind: StoreRefusedError, type: FAILURE.badRequest, passing: false },
  { kind: TableShapeError, type: FAILURE.badRequest, passing: false },
  { kind: TableTooNewError, type: FAILURE.badRequest, passing: false },
] as const
