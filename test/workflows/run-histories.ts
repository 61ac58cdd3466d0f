import type { WorkflowClient } from '@temporalio/client'

/** All runs of a workflow, oldest first: continue-as-new makes several of one id. */
export async function runsOf(
  client: WorkflowClient,
  workflowId: string,
  lastRunId: string,
): Promise<readonly { readonly runId: string; readonly events: number }[]> {
  const runs: { runId: string; events: number }[] = []
  for (let runId: string | undefined = lastRunId; runId;) {
    const { events } = await client.getHandle(workflowId, runId).fetchHistory()
    runs.unshift({ runId, events: events?.length ?? 0 })
    runId =
      events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined
  }
  return runs
}

/** Run id of the newest run of a workflow. */
export async function newestRunOf(client: WorkflowClient, workflowId: string): Promise<string> {
  return (await client.getHandle(workflowId).describe()).runId
}
