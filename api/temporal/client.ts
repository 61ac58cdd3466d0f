import type { BackfillProgress, BackfillResult } from '@backtide/core/backfill'
import { CHECK_MS } from '@backtide/core/finding'
import { BACKFILL_WORKFLOW, CONTROL_QUEUE, LOAD_QUEUE, LOAD_WORKFLOW } from '@backtide/core/ids'
import {
  pauseSignal,
  progressQuery,
  resumeSignal,
  setOptionsUpdate,
  setBudgetUpdate,
} from '@backtide/workflows/messages'
import { PHASE_ATTRIBUTE } from '@backtide/workflows/search-attributes'
import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client'
import { readAdoption, startAdoption } from './adoptions.ts'
import { createAttributeCheck } from './attributes.ts'
import { cancelRun } from './cancel.ts'
import { examineWorker, probe, PROBE_DEADLINE, readFacts } from './ask-worker.ts'
import { readChildren, readPending } from './pending.ts'
import { describePlan, startPlan } from './plans.ts'
import { start, startRefresh, startSync } from './start.ts'
import { callsOf, type Within } from './within.ts'
import type { BackfillRuns, PendingActivity, Pollers, Run, RunMemo, RunOutcome } from './runs.ts'

/** Longest a worker may take to answer a query, or Temporal to say what runs. */
const QUERY_DEADLINE = 2_000
/** A worker polls at least once a minute; one silent for longer is gone. */
const POLLER_AGE = 75_000

const QUEUE_TYPE = { workflow: 1, activity: 2 } as const

/** `BackfillRuns` over a real Temporal; the client's connection may be lazy. Every call has a deadline. */
export function createTemporalRuns(client: Client): BackfillRuns {
  const { connection } = client
  const { within, call } = callsOf(client)
  const handle = (id: string) => client.workflow.getHandle(id)
  return {
    start: (input, memo) => call(() => start(client, input, memo)),
    describe: (id) =>
      call(() => unlessUnknown(async () => readRun(await handle(id).describe()), undefined)),
    outcome: (id) => call(() => readOutcome(client, id)),
    progress: (id) => askProgress(client, id, within),
    signal: (id, name, remark) => {
      const definition = name === 'pause' ? pauseSignal : resumeSignal
      return call(() => whetherOpen(() => handle(id).signal(definition, remark)))
    },
    cancel: (id, remark) => call(() => whetherOpen(() => cancelRun(client, id, remark))),
    setOptions: (id, change) =>
      call(() =>
        unlessUnknown(async () => {
          try {
            return await handle(id).executeUpdate(setOptionsUpdate, { args: [change] })
          } catch (error) {
            // What is in order is refused only by one that is finishing.
            if (error instanceof WorkflowUpdateFailedError) return undefined
            throw error
          }
        }, undefined),
      ),
    startPlan: (order) => call(() => startPlan(client, order)),
    describePlan: (id) => call(() => describePlan(client, id)),
    setBudget: (id, maxCostUsd) =>
      call(() =>
        whetherOpen(() => handle(id).executeUpdate(setBudgetUpdate, { args: [{ maxCostUsd }] })),
      ),
    loadsOf: (table) => call(() => listLoads(client, table)),
    activities: (ids) => readActivities(client, ids, within),
    pollers: () => call(() => readPollers(client)),
    syncInstruments: (input) => call(() => startSync(client, input)),
    refreshDerived: (input, request) => call(() => startRefresh(client, input, request)),
    adopt: (input) => call(() => startAdoption(client, input)),
    adoption: (table) => call(() => unlessUnknown(() => readAdoption(client, table), undefined)),
    indexed: createAttributeCheck(client, call),
    facts: () => call(() => readFacts(client)),
    examineWorker: () => within(3 * CHECK_MS, () => examineWorker(client)),
    probe: (input) => within(PROBE_DEADLINE, () => probe(client, input)),
    ping: () =>
      within(QUERY_DEADLINE, async () => {
        const { namespace } = client.options
        await connection.workflowService.describeNamespace({ namespace })
      }),
  }
}

function readRun(description: WorkflowExecutionDescription): Run {
  const phase = description.typedSearchAttributes.get(PHASE_ATTRIBUTE)
  const memo = description.type === BACKFILL_WORKFLOW ? readMemo(description.memo) : undefined
  return {
    status: statusOf(description.status.name),
    ...(description.closeTime && { closedAt: description.closeTime.getTime() }),
    ...(phase && { phase }),
    ...(memo && { memo }),
    days: readChildren(description),
    activities: readPending(description),
  }
}

/** The memo as `start` wrote it; undefined for a run that somebody else started. */
function readMemo(memo: Record<string, unknown> | undefined): RunMemo | undefined {
  const ours =
    memo && typeof memo['requestHash'] === 'string' && typeof memo['request'] === 'object'
  return ours ? (memo as unknown as RunMemo) : undefined
}

function statusOf(name: WorkflowExecutionDescription['status']['name']): Run['status'] {
  switch (name) {
    case 'COMPLETED':
      return 'completed'
    case 'FAILED':
      return 'failed'
    case 'CANCELLED':
      return 'cancelled'
    case 'TERMINATED':
    case 'TIMED_OUT':
      return 'terminated'
    default:
      return 'running'
  }
}

async function readOutcome(client: Client, id: string): Promise<RunOutcome> {
  const handle = client.workflow.getHandle(id)
  const status = statusOf((await handle.describe()).status.name)
  try {
    const { outcome, counts, rows, reason } = (await handle.result()) as BackfillResult
    return { outcome, counts, rows, ...(reason && { reason }) }
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error
    const reason = error.cause?.message ?? error.message
    return { outcome: status === 'completed' || status === 'running' ? 'failed' : status, reason }
  }
}

async function askProgress(
  client: Client,
  id: string,
  within: Within,
): Promise<BackfillProgress | undefined> {
  try {
    return await within(QUERY_DEADLINE, () => client.workflow.getHandle(id).query(progressQuery))
  } catch {
    // No worker, a worker that is busy, or one of an older version: the ledger answers without it.
    return undefined
  }
}

/**
 * Ids of the workflows that load days of a table: one list, however many days there are to look at.
 * What began within the last second may be absent.
 */
async function listLoads(client: Client, table?: string): Promise<readonly string[]> {
  const query = `WorkflowType = '${LOAD_WORKFLOW}' AND ExecutionStatus = 'Running'`
  const ids: string[] = []
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId)
  return table === undefined ? ids : ids.filter((id) => id.startsWith(`load/${table}/`))
}

async function readActivities(
  client: Client,
  ids: readonly string[],
  within: Within,
): Promise<ReadonlyMap<string, readonly PendingActivity[]>> {
  const read = async (id: string): Promise<[string, readonly PendingActivity[]][]> => {
    try {
      const describe = () => client.workflow.getHandle(id).describe()
      return [[id, readPending(await within(QUERY_DEADLINE, describe))]]
    } catch {
      // It has ended meanwhile, or Temporal is slow: what is known of the others is worth saying.
      return []
    }
  }
  return new Map((await Promise.all(ids.map(read))).flat())
}

async function readPollers(client: Client): Promise<Pollers> {
  const { namespace } = client.options
  const identities = async (name: string, taskQueueType: 1 | 2): Promise<string[]> => {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name },
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- its enum is not exported
      taskQueueType,
    })
    const alive = (pollers ?? []).filter((poller) => {
      const seconds = Number(poller.lastAccessTime?.seconds ?? 0)
      return Date.now() - seconds * 1000 < POLLER_AGE
    })
    return [...new Set(alive.map((poller) => poller.identity ?? ''))]
  }
  const [control, load] = await Promise.all([
    identities(CONTROL_QUEUE, QUEUE_TYPE.workflow),
    identities(LOAD_QUEUE, QUEUE_TYPE.activity),
  ])
  return { control, load }
}

async function whetherOpen(work: () => Promise<unknown>): Promise<boolean> {
  return await unlessUnknown(async () => {
    await work()
    return true
  }, false)
}

async function unlessUnknown<T, U>(work: () => Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return otherwise
    throw error
  }
}
