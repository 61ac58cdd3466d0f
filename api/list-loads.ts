import { LOAD_WORKFLOW } from '@backtide/core/ids'
import type { Client } from '@temporalio/client'

/**
 * Ids of the workflows that load days of a table: one list, however many days there are to look at.
 * What began within the last second may be absent.
 */
export async function listLoads(client: Client, table: string): Promise<readonly string[]> {
  const query = `WorkflowType = '${LOAD_WORKFLOW}' AND ExecutionStatus = 'Running'`
  const ids: string[] = []
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId)
  return ids.filter((id) => id.startsWith(`load/${table}/`))
}
