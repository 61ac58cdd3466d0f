import type { BackfillInput } from '@backtide/core/backfill'
import type { DeriveInput, RefreshRequest } from '@backtide/core/derived'
import {
  BACKFILL_WORKFLOW,
  CONTROL_QUEUE,
  DERIVE_WORKFLOW,
  deriveWorkflowId,
  INSTRUMENTS_WORKFLOW,
  instrumentsWorkflowId,
} from '@backtide/core/ids'
import type { SyncInput } from '@backtide/core/instrument'
import { refreshSignal } from '@backtide/workflows/messages'
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import { attributesOf } from './attributes.ts'
import { describeRequest, summariseRequest } from './describe.ts'
import { isMissingAttribute } from './errors.ts'
import type { RunMemo } from './runs.ts'

/** Starts a backfill, without its search attributes where the namespace refuses them. */
export async function start(
  client: Client,
  input: BackfillInput,
  memo: RunMemo,
): Promise<'started' | 'exists'> {
  try {
    await client.workflow.start(BACKFILL_WORKFLOW, {
      taskQueue: CONTROL_QUEUE,
      workflowId: input.backfillId,
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      args: [input],
      memo: { ...memo },
      staticSummary: summariseRequest(input),
      staticDetails: describeRequest(input),
      ...(input.priority !== undefined && { priority: { priorityKey: input.priority } }),
      ...(input.indexed && { typedSearchAttributes: attributesOf(input) }),
    })
    return 'started'
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'exists'
    if (!input.indexed || !isMissingAttribute(error)) throw error
    return await start(client, { ...input, indexed: false, outcomes: false }, memo)
  }
}

/** Starts asking a venue for its instruments, unless that is under way. */
export async function startSync(client: Client, input: SyncInput): Promise<string> {
  const workflowId = instrumentsWorkflowId(input.exchange)
  await client.workflow.start(INSTRUMENTS_WORKFLOW, {
    taskQueue: CONTROL_QUEUE,
    workflowId,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [input],
    staticSummary: `Instruments of ${input.exchange}`,
  })
  return workflowId
}

/** Signals who makes something derived, and starts it where it does not run. */
export async function startRefresh(
  client: Client,
  input: DeriveInput,
  request: RefreshRequest,
): Promise<string> {
  const workflowId = deriveWorkflowId(input.name)
  await client.workflow.signalWithStart(DERIVE_WORKFLOW, {
    taskQueue: CONTROL_QUEUE,
    workflowId,
    args: [input],
    signal: refreshSignal,
    signalArgs: [request],
    staticSummary: `Make ${input.name}`,
  })
  return workflowId
}
