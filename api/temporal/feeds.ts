import type { Remark } from '@backtide/core/backfill'
import { COLLECT_WORKFLOW, collectWorkflowId, CONTROL_QUEUE, LIVE_QUEUE } from '@backtide/core/ids'
import {
  assignmentId,
  type Assignment,
  type CollectInput,
  type CollectProgress,
} from '@backtide/core/live'
import { pauseSignal, resumeSignal } from '@backtide/workflows/messages'
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client'
import { defaultPayloadConverter } from '@temporalio/common'
import { cancelRun } from './cancel.ts'
import { readPending } from './pending.ts'
import type { PendingActivity } from './runs.ts'
import { callsOf } from './within.ts'

/**
 * What the API asks of Temporal about feeds. Every method throws `TemporalUnavailableError` while
 * Temporal is away, and gives up by itself after a few seconds.
 */
export interface FeedRuns {
  /** Starts a connection, or says that it is collected already. */
  start(input: CollectInput): Promise<'started' | 'exists'>
  /** Connections that are collected or paused. What began within the last second may be absent. */
  list(): Promise<readonly FeedRun[]>
  /** One of them; undefined where nobody collects it. */
  find(id: string): Promise<FeedRun | undefined>
  /** False where nobody collects it. */
  steer(id: string, verb: 'pause' | 'resume' | 'cancel', remark: Remark): Promise<boolean>
  /** Whether a process takes feeds. */
  hasHosts(): Promise<boolean>
}

export interface FeedRun {
  readonly assignment: Assignment
  readonly paused?: Remark
  /** The attempt under way or to come. */
  readonly pending?: PendingActivity
  /** What the host said last. */
  readonly progress?: CollectProgress
}

/** Connections that are listed, at most; more than any venue allows. */
const MOST = 500
/** Described at once. */
const AT_ONCE = 16
const POLLER_AGE = 75_000
/** temporal.api.enums.v1.TaskQueueType */
const ACTIVITIES = 2

/** `FeedRuns` over a real Temporal; the client's connection may be lazy. */
export function createFeedRuns(client: Client): FeedRuns {
  const { call } = callsOf(client)
  const find = (id: string) => describe(client, collectWorkflowId(id))
  return {
    start: (input) => call(() => start(client, input)),
    list: () => call(() => list(client)),
    find: (id) => call(() => find(id)),
    steer: (id, verb, remark) => call(() => steer(client, collectWorkflowId(id), verb, remark)),
    hasHosts: () => call(() => hasHosts(client)),
  }
}

async function start(client: Client, input: CollectInput): Promise<'started' | 'exists'> {
  const { assignment } = input
  const { exchange, market, wanted } = assignment
  const id = assignmentId(assignment)
  try {
    await client.workflow.start(COLLECT_WORKFLOW, {
      taskQueue: CONTROL_QUEUE,
      workflowId: collectWorkflowId(id),
      workflowIdConflictPolicy: 'FAIL',
      args: [input],
      memo: { assignment },
      staticSummary: `${exchange} ${market} · ${wanted.length} symbols`,
    })
    return 'started'
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'exists'
    throw error
  }
}

async function list(client: Client): Promise<readonly FeedRun[]> {
  const query = `WorkflowType = '${COLLECT_WORKFLOW}' AND ExecutionStatus = 'Running'`
  const ids: string[] = []
  for await (const { workflowId } of client.workflow.list({ query })) {
    ids.push(workflowId)
    if (ids.length === MOST) break
  }
  const found: (FeedRun | undefined)[] = []
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE)
    found.push(...(await Promise.all(some.map((id) => describe(client, id)))))
  }
  return found.filter((run) => run !== undefined)
}

/** Undefined for what is closed, unknown, or somebody else's. */
async function describe(client: Client, workflowId: string): Promise<FeedRun | undefined> {
  try {
    const description = await client.workflow.getHandle(workflowId).describe()
    const assignment = description.memo?.['assignment'] as Assignment | undefined
    if (description.status.name !== 'RUNNING' || !assignment) return undefined
    const paused = description.memo?.['paused'] as Remark | null | undefined
    const [pending] = readPending(description)
    const payload = description.raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0]
    return {
      assignment,
      ...(paused && { paused }),
      ...(pending && { pending }),
      ...(payload && { progress: defaultPayloadConverter.fromPayload<CollectProgress>(payload) }),
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

async function steer(
  client: Client,
  workflowId: string,
  verb: 'pause' | 'resume' | 'cancel',
  remark: Remark,
): Promise<boolean> {
  const handle = client.workflow.getHandle(workflowId)
  try {
    if (verb === 'cancel') await cancelRun(client, workflowId, remark)
    else await handle.signal(verb === 'pause' ? pauseSignal : resumeSignal, remark)
    return true
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}

async function hasHosts(client: Client): Promise<boolean> {
  const { namespace } = client.options
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: LIVE_QUEUE },
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- its enum is not exported
    taskQueueType: ACTIVITIES,
  })
  return (pollers ?? []).some(
    ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < POLLER_AGE,
  )
}
