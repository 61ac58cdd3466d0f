import type { WorkflowExecutionDescription } from '@temporalio/client'
import type { PendingActivity } from './runs.ts'

/** Longest text of a failure that is shown, in characters. */
const MOST_TEXT = 300

/** temporal.api.enums.v1.PendingActivityState of one that a worker has. */
const AT_WORK: ReadonlySet<number> = new Set([
  2, // STARTED
  3, // CANCEL_REQUESTED
  5, // PAUSE_REQUESTED
])

type Raw = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number]

/** Activities of a run that have not ended. */
export function readPending({ raw }: WorkflowExecutionDescription): readonly PendingActivity[] {
  return (raw.pendingActivities ?? []).map((one) => {
    const atWork = AT_WORK.has(one.state ?? 0)
    const error = describeFailure(one.lastFailure)
    const at = atWork ? readProgress(one.heartbeatDetails) : undefined
    return {
      type: one.activityType?.name ?? '',
      atWork,
      attempt: one.attempt ?? 1,
      ...(!atWork && { dueAt: readTime(one.nextAttemptScheduleTime ?? one.scheduledTime) }),
      ...(error !== '' && { error }),
      ...(atWork && one.lastStartedTime && { startedAt: readTime(one.lastStartedTime) }),
      ...(at && { at }),
    }
  })
}

/** Ids of the child workflows of a run that have not ended. */
export function readChildren({ raw }: WorkflowExecutionDescription): readonly string[] {
  return (raw.pendingChildren ?? []).map(({ workflowId }) => workflowId ?? '')
}

function describeFailure(failure: Raw['lastFailure']): string {
  if (!failure) return ''
  const type = failure.applicationFailureInfo?.type
  const message = failure.message || failure.cause?.message || 'no reason given'
  return oneLine(type ? `${type}: ${message}` : message)
}

/** A text of somebody else on one line: no control characters, no logins and queries of addresses. */
export function oneLine(text: string): string {
  const line = text
    .replaceAll(/(https?:\/\/)[^\s/@]*@/g, '$1')
    .replaceAll(/(https?:\/\/[^\s?"')]*)\?[^\s"')]*/g, '$1')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return line.length > MOST_TEXT ? `${line.slice(0, MOST_TEXT - 1)}…` : line
}

/** What a heartbeat carries (`LoadProgress`); undefined where it is none of a load, or of another version. */
function readProgress(details: Raw['heartbeatDetails']): PendingActivity['at'] {
  const { data } = details?.payloads?.[0] ?? {}
  if (!data) return undefined
  try {
    const said = JSON.parse(Buffer.from(data).toString()) as Record<string, unknown> | null
    const { step, partition } = said ?? {}
    if (typeof step !== 'string') return undefined
    return { step, ...(typeof partition === 'number' && { partition }) }
  } catch {
    return undefined
  }
}

function readTime(time: Raw['scheduledTime']): number {
  return Number(time?.seconds ?? 0) * 1000 + Math.floor((time?.nanos ?? 0) / 1e6)
}
