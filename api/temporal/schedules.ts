import type { FollowInput, TurnResult } from '@backtide/core/follow'
import { CONTROL_QUEUE, FOLLOW_WORKFLOW } from '@backtide/core/ids'
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  WorkflowNotFoundError,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client'
import { asUnavailable } from './errors.ts'
import type { Follow, FollowSchedules, Turn } from './follows.ts'

/**
 * Longest a call may take, retries included, in milliseconds. Behind a schedule is a workflow of the server's
 * own: on a busy machine its answers take seconds.
 */
const CALL_DEADLINE = 8_000

/** Turns begin within this part of their interval, so that not all that is followed begins at once. */
const JITTER = 1 / 20

/** `FollowSchedules` over a real Temporal. */
export function createFollowSchedules(client: Client): FollowSchedules {
  const call = <T>(work: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + CALL_DEADLINE, work).catch((error: unknown) => {
      throw asUnavailable(error)
    })
  const handle = (id: string) => client.schedule.getHandle(id)
  const whetherThere = (work: () => Promise<void>): Promise<boolean> =>
    call(async () => (await unlessUnknown(async () => (await work(), true))) ?? false)
  const find = async (id: string) =>
    await unlessUnknown(async () => readFollow(await handle(id).describe()))
  return {
    put: (input) => call(() => put(client, input)),
    find: (id) => call(() => find(id)),
    list: () =>
      call(async () => {
        const ids: string[] = []
        for await (const { scheduleId, action } of client.schedule.list()) {
          if (action?.workflowType === FOLLOW_WORKFLOW) ids.push(scheduleId)
        }
        const found = await Promise.all(ids.toSorted().map(find))
        return found.filter((one) => one !== undefined)
      }),
    pause: (id, note) => whetherThere(() => handle(id).pause(note)),
    resume: (id) =>
      whetherThere(async () => {
        await handle(id).unpause()
        // What was missed meanwhile is not made up for by itself.
        await handle(id).trigger('SKIP')
      }),
    remove: (id) => whetherThere(() => handle(id).delete()),
    turn: (id) => call(() => readTurn(client, id)),
  }
}

async function put(client: Client, input: FollowInput): Promise<'created' | 'changed'> {
  const options = optionsOf(input)
  try {
    await client.schedule.create({
      scheduleId: input.followId,
      ...options,
      state: { triggerImmediately: true },
    })
    return 'created'
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    await client.schedule.getHandle(input.followId).update(({ state }) => ({ ...options, state }))
    return 'changed'
  }
}

function optionsOf(input: FollowInput) {
  const { followId, dataset, coins, everyMs } = input
  return {
    spec: { intervals: [{ every: everyMs }], jitter: Math.floor(everyMs * JITTER) },
    action: {
      type: 'startWorkflow' as const,
      workflowType: FOLLOW_WORKFLOW,
      workflowId: followId,
      taskQueue: CONTROL_QUEUE,
      args: [input],
      staticSummary: `${dataset} · ${coins.join(', ')}`.slice(0, 150),
    },
    policies: {
      // A turn takes all there is up to now: those it outlasts would have nothing left to do.
      overlap: 'SKIP' as const,
      // What an outage of Temporal kept from beginning is caught up with by one turn.
      catchupWindow: Math.max(everyMs, LEAST_CATCHUP),
      pauseOnFailure: false,
    },
  }
}

/** https://docs.temporal.io/schedule#catchup-window */
const LEAST_CATCHUP = 10_000

function readFollow({ action, state, info }: ScheduleDescription): Follow | undefined {
  if (action.workflowType !== FOLLOW_WORKFLOW) return undefined
  const [input] = (action.args ?? []) as FollowInput[]
  if (!input) return undefined
  const last = info.recentActions.at(-1)
  return {
    input,
    paused: state.paused,
    ...(state.note && { note: state.note }),
    createdAt: info.createdAt.getTime(),
    nextAt: state.paused ? [] : info.nextActionTimes.map((at) => at.getTime()),
    ...(last && {
      lastTurn: { workflowId: last.action.workflow.workflowId, at: last.takenAt.getTime() },
    }),
    turns: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
  }
}

async function readTurn(client: Client, id: string): Promise<Turn | undefined> {
  const handle = client.workflow.getHandle(id)
  return await unlessUnknown(async () => {
    const { status, closeTime } = await handle.describe()
    const state = STATES[status.name as keyof typeof STATES] ?? 'terminated'
    return {
      state,
      ...(closeTime && { endedAt: closeTime.getTime() }),
      ...(state === 'completed' && { result: (await handle.result()) as TurnResult }),
    }
  })
}

const STATES = {
  RUNNING: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
} as const

async function unlessUnknown<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ScheduleNotFoundError || error instanceof WorkflowNotFoundError) {
      return undefined
    }
    throw error
  }
}
