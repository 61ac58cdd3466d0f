import type { AdoptInput, Adoption } from '@backtide/core/adoption'
import { ADOPT_WORKFLOW, adoptWorkflowId, CONTROL_QUEUE } from '@backtide/core/ids'
import { adoptionQuery } from '@backtide/workflows/messages'
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type Client,
} from '@temporalio/client'
import type { AdoptionRun } from './runs.ts'

/** Starts the workflow that takes a table over, or counts it; false where it runs. */
export async function startAdoption(client: Client, input: AdoptInput): Promise<boolean> {
  try {
    await client.workflow.start(ADOPT_WORKFLOW, {
      taskQueue: CONTROL_QUEUE,
      workflowId: adoptWorkflowId(input.table),
      workflowIdConflictPolicy: 'FAIL',
      args: [input],
      staticSummary: `${input.dryRun ? 'Count' : 'Take over'} ${input.table}`,
    })
    return true
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false
    throw error
  }
}

/** The last adoption of a table. @throws WorkflowNotFoundError when there was none */
export async function readAdoption(client: Client, table: string): Promise<AdoptionRun> {
  const handle = client.workflow.getHandle(adoptWorkflowId(table))
  const { status } = await handle.describe()
  if (status.name === 'RUNNING') {
    const progress = await askWithin(client, () => handle.query(adoptionQuery))
    return { state: 'running', ...(progress && { progress }) }
  }
  try {
    return { state: 'done', progress: (await handle.result()) as Adoption }
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error
    return { state: 'failed', reason: error.cause?.message ?? error.message }
  }
}

/** Longest a worker may take to answer, in milliseconds. */
const QUERY_DEADLINE = 2_000

/** Without a worker nobody answers. */
async function askWithin<T>({ connection }: Client, ask: () => Promise<T>): Promise<T | undefined> {
  return await connection.withDeadline(Date.now() + QUERY_DEADLINE, ask).catch(() => undefined)
}
