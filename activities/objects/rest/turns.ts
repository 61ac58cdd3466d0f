import { setTimeout as pause } from 'node:timers/promises'
import {
  BACK_OFF,
  CONTROL_QUEUE,
  LIMIT_WORKFLOW,
  limitWorkflowId,
  TAKE_TURN,
} from '@backtide/core/ids'
import type { RequestLimit, RequestTurn } from '@backtide/core/request-limit'
import { WithStartWorkflowOperation, type Client } from '@temporalio/client'
import { SourceUnavailableError } from '../errors.ts'

/** Keeps requests of all workers together below what a venue allows. */
export interface Turns {
  /**
   * Resolves when a request of this weight may be sent; rejects with the reason of the signal.
   * @throws SourceUnavailableError when nobody gives turns now
   */
  take(limit: RequestLimit, weight: number, signal: AbortSignal): Promise<void>
  /** Nobody's turn comes for so many milliseconds: the venue said so. */
  backOff(limit: RequestLimit, ms: number): Promise<void>
}

/**
 * Turns given by the workflow of the limit, which is started when it is first needed. What is wanted
 * while one answer is waited for is asked for together.
 */
export function createTurns(client: Client): Turns {
  const queues = new Map<string, Queue>()

  async function askFor(limit: RequestLimit, weight: number): Promise<number> {
    const startWorkflowOperation = new WithStartWorkflowOperation(LIMIT_WORKFLOW, {
      ...startOf(limit),
      workflowIdConflictPolicy: 'USE_EXISTING',
    })
    const args: [RequestTurn] = [{ weightPerMinute: limit.weightPerMinute, weight }]
    return await client.withDeadline(Date.now() + ANSWERED_MS, async () =>
      client.workflow.executeUpdateWithStart<() => Promise<void>, number, [RequestTurn]>(
        TAKE_TURN,
        { args, startWorkflowOperation },
      ),
    )
  }

  async function serve(limit: RequestLimit, { waiting }: Queue): Promise<void> {
    while (waiting.length > 0) {
      const { turns, weight } = takeTogether(waiting, limit)
      await askFor(limit, weight).then(
        (waitMs) => turns.forEach(({ resolve }) => resolve(waitMs)),
        (error: unknown) => turns.forEach(({ reject }) => reject(nobodyGives(limit, error))),
      )
    }
  }

  function ask(limit: RequestLimit, weight: number): Promise<number> {
    const queue = queues.get(limit.name) ?? { waiting: [], served: false }
    queues.set(limit.name, queue)
    return new Promise((resolve, reject) => {
      queue.waiting.push({ weight, resolve, reject })
      if (queue.served) return
      queue.served = true
      void serve(limit, queue).finally(() => (queue.served = false))
    })
  }

  return {
    take: async (limit, weight, signal) => {
      const waitMs = await ask(limit, Math.min(weight, limit.weightPerMinute))
      await pause(waitMs, undefined, { signal })
    },
    backOff: async (limit, ms) => {
      const signalArgs = [{ weightPerMinute: limit.weightPerMinute, ms }]
      const start = { ...startOf(limit), signal: BACK_OFF, signalArgs }
      await client.workflow.signalWithStart(LIMIT_WORKFLOW, start)
    },
  }
}

/** Workers that run workflows may be away; a load does not wait for them without a word. */
const ANSWERED_MS = 20_000

/** Part of a minute that is asked for at once, at most. */
const TOGETHER = 1 / 12

interface Queue {
  readonly waiting: WaitingTurn[]
  served: boolean
}

interface WaitingTurn {
  readonly weight: number
  /** With how many milliseconds to wait. */
  readonly resolve: (waitMs: number) => void
  readonly reject: (error: Error) => void
}

function startOf({ name }: RequestLimit) {
  return {
    workflowId: limitWorkflowId(name),
    taskQueue: CONTROL_QUEUE,
    staticSummary: `What ${name} allows`,
  }
}

/** Takes the first turns out of the queue: one at least, however much it weighs. */
function takeTogether(waiting: WaitingTurn[], { weightPerMinute }: RequestLimit) {
  const turns: WaitingTurn[] = []
  let weight = 0
  for (let next = waiting[0]; next; next = waiting[0]) {
    if (turns.length > 0 && weight + next.weight > weightPerMinute * TOGETHER) break
    turns.push(next)
    weight += next.weight
    waiting.shift()
  }
  return { turns, weight }
}

function nobodyGives({ name }: RequestLimit, cause: unknown): Error {
  const message = `nobody says when ${name} may be asked: does a worker with the role control run?`
  return new SourceUnavailableError(message, { cause })
}
