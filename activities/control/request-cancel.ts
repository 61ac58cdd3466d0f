import { randomUUID } from 'node:crypto'
import type { Client } from '@temporalio/client'

/** Has Temporal cancel a run, with the reason in its history: the client's own cancel takes none. */
export async function requestCancel(
  { workflowService, options: { namespace, identity } }: Client,
  { backfillId, reason = '' }: { readonly backfillId: string; readonly reason?: string },
): Promise<void> {
  await workflowService.requestCancelWorkflowExecution({
    namespace,
    identity,
    requestId: randomUUID(),
    workflowExecution: { workflowId: backfillId },
    reason,
  })
}
