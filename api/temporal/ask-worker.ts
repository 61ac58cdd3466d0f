import { randomUUID } from 'node:crypto'
import { CONTROL_QUEUE, EXAMINE_WORKFLOW, PROBE_WORKFLOW } from '@backtide/core/ids'
import { CHECK_MS, type Finding } from '@backtide/core/finding'
import type { ProbeInput, ProbeResult } from '@backtide/core/probe'
import { SEARCH_ATTRIBUTES } from '@backtide/workflows/search-attributes'
import type { Client, WorkflowFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import type { Examined, TemporalFacts } from './runs.ts'

/** What the server and the namespace say. */
export async function readFacts(client: Client): Promise<TemporalFacts> {
  const { namespace } = client.options
  const { workflowService, operatorService } = client.connection
  const [system, described, attributes] = await Promise.all([
    workflowService.getSystemInfo({}),
    workflowService.describeNamespace({ namespace }),
    operatorService.listSearchAttributes({ namespace }),
  ])
  const known = attributes.customAttributes ?? {}
  return {
    version: system.serverVersion ?? '',
    retentionMs: Number(described.config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1000,
    missing: SEARCH_ATTRIBUTES.filter(({ name }) => !known[name]).map(({ name }) => name),
  }
}

/** Has a worker look around where it is; no longer than `CHECK_MS` twice. */
export async function examineWorker(client: Client): Promise<Examined> {
  const before = Date.now()
  const handle = await client.workflow.start(EXAMINE_WORKFLOW, {
    taskQueue: CONTROL_QUEUE,
    workflowId: `doctor/${randomUUID()}`,
    workflowRunTimeout: 2 * CHECK_MS,
    args: [{ timeoutMs: CHECK_MS + 1_000 }],
    staticSummary: 'What the worker reaches from where it is',
  })
  const after = Date.now()
  const { startTime } = await handle.describe()
  const findings = await handle.result().then(
    (found) => found as readonly Finding[],
    () => undefined,
  )
  return { findings, theirs: startTime.getTime(), before, after }
}

/** Longest that the look for an object may take, milliseconds: the CLI waits 30 s. */
export const PROBE_DEADLINE = 26_000

/** Has a worker look for an object that is there; undefined when none answered in time. */
export async function probe(client: Client, input: ProbeInput): Promise<ProbeResult | undefined> {
  const handle = await client.workflow.start(PROBE_WORKFLOW, {
    taskQueue: CONTROL_QUEUE,
    workflowId: `probe/${randomUUID()}`,
    workflowRunTimeout: PROBE_DEADLINE - 1_000,
    args: [{ ...input, timeoutMs: PROBE_DEADLINE - 2_000 }],
    staticSummary: `A recent object of ${input.dataset}`,
  })
  return await handle.result().then((found) => found as ProbeResult, reasonOf)
}

/** Why the worker that was asked failed; undefined when none was there in time. */
function reasonOf(error: unknown): ProbeResult | undefined {
  const { cause } = (error as WorkflowFailedError).cause ?? {}
  return cause instanceof ApplicationFailure ? { reason: cause.message } : undefined
}
