import { randomUUID } from 'node:crypto'
import type { Remark } from '@backtide/core/backfill'
import { cancelSignal } from '@backtide/workflows/messages'
import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { isNotFound } from './errors.ts'

/**
 * Temporal's own cancel, with the reason in the history. A workflow cannot read it there, so one that
 * is given is also sent as a signal before: what the backfill then records as its end has it.
 * @throws WorkflowNotFoundError when the run is closed or unknown
 */
export async function cancelRun(client: Client, id: string, remark: Remark): Promise<void> {
  const reason = remark.reason ?? (remark.by === undefined ? '' : `by ${remark.by}`)
  if (reason !== '') await client.workflow.getHandle(id).signal(cancelSignal, remark)
  const { namespace, identity } = client.options
  try {
    await client.workflowService.requestCancelWorkflowExecution({
      namespace,
      identity,
      requestId: randomUUID(),
      workflowExecution: { workflowId: id },
      reason,
    })
  } catch (error) {
    if (!isNotFound(error)) throw error
    // The signal may have ended it meanwhile.
    if (reason === '') throw new WorkflowNotFoundError('closed or unknown', id, undefined)
  }
}
