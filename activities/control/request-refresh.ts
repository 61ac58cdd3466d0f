import type { RefreshNote } from '@backtide/core/derived'
import { CONTROL_QUEUE, DERIVE_WORKFLOW, deriveWorkflowId, REFRESH } from '@backtide/core/ids'
import type { Client } from '@temporalio/client'

/** Has those who make some derived things look at some days, and starts those who are not at work. */
export async function requestRefresh(
  { workflow }: Client,
  { names, range, tempo }: RefreshNote,
): Promise<void> {
  for (const name of names) {
    await workflow.signalWithStart(DERIVE_WORKFLOW, {
      workflowId: deriveWorkflowId(name),
      taskQueue: CONTROL_QUEUE,
      args: [{ name, tempo }],
      signal: REFRESH,
      signalArgs: [{ range }],
      staticSummary: `Make ${name}`,
    })
  }
}
