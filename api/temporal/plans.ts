import { CONTROL_QUEUE } from '@backtide/core/ids'
import { PLAN_WORKFLOW, planWorkflowId, type PlanOrder } from '@backtide/core/plan'
import { WorkflowFailedError, WorkflowNotFoundError, type Client } from '@temporalio/client'
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow'
import type { PlanRun } from './runs.ts'

/** Starts to draw a plan up. */
export async function startPlan(client: Client, order: PlanOrder): Promise<void> {
  const { dataset } = order.request
  await client.workflow.start(PLAN_WORKFLOW, {
    taskQueue: CONTROL_QUEUE,
    workflowId: planWorkflowId(order.planId),
    args: [order],
    memo: { order },
    staticSummary: `plan of ${dataset}`,
  })
}

/** A plan as Temporal knows it; undefined when it does not. */
export async function describePlan(client: Client, id: string): Promise<PlanRun | undefined> {
  const handle = client.workflow.getHandle(planWorkflowId(id))
  try {
    const { status, memo, raw } = await handle.describe()
    const order = memo?.['order'] as PlanOrder | undefined
    if (!order) return undefined
    if (status.name === 'RUNNING') {
      const payloads = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads
      const { loadedDataConverter } = client.options
      const [progress] = await decodeArrayFromPayloads(loadedDataConverter, payloads)
      const objects = (progress as { readonly objects?: number } | undefined)?.objects
      return { state: 'running', order, ...(objects !== undefined && { objects }) }
    }
    if (status.name === 'COMPLETED') return { state: 'ready', order }
    return { state: 'failed', order, reason: await reasonOf(handle) }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

async function reasonOf(handle: { result(): Promise<unknown> }): Promise<string> {
  try {
    await handle.result()
    return ''
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error
    return error.cause?.message ?? error.message
  }
}
