import type { WorkflowClient } from '@temporalio/client'
import type * as Protocol from '@temporalio/proto'
import { createRequire } from 'node:module'
import { runsOf } from './run-histories.ts'

/** Shapes of backfills whose histories are kept in `histories/`, one file each. */
export const STORED_SHAPES = [
  'happy',
  'failed-day',
  'retried',
  'given-up',
  'aborted',
  'paused',
  'refused',
  'held',
  'cancelled',
  'continued-as-new',
] as const

export type StoredShape = (typeof STORED_SHAPES)[number]

/** One run: its history as a JSON object of the protobuf message. */
export interface StoredHistory {
  readonly workflowId: string
  readonly history: Record<string, unknown>
}

// A CommonJS module whose names an import of Node cannot see.
const require = createRequire(import.meta.url)
const protocol = require('@temporalio/proto') as typeof Protocol
const { History } = protocol.temporal.api.history.v1
type History = Protocol.temporal.api.history.v1.IHistory

/** Where the histories of a shape are kept. */
export function historyFile(shape: StoredShape): URL {
  return new URL(`./histories/${shape}.json`, import.meta.url)
}

/** Children of a run that are kept: those after them take the same paths. */
const MAX_CHILDREN = 8

/** Histories of a workflow's runs and of children they had, without stack traces. */
export async function fetchHistories(
  client: WorkflowClient,
  workflowId: string,
): Promise<readonly StoredHistory[]> {
  const { runId: last } = await client.getHandle(workflowId).describe()
  const stored: StoredHistory[] = []
  for (const { runId } of await runsOf(client, workflowId, last)) {
    const history = await client.getHandle(workflowId, runId).fetchHistory()
    stored.push({ workflowId, history: toJson(history) })
    for (const child of startedBy(history).slice(0, MAX_CHILDREN)) {
      const run = await client.getHandle(child.workflowId, child.runId).fetchHistory()
      stored.push({ workflowId: child.workflowId, history: toJson(run) })
    }
  }
  return stored
}

/** A stored history as a worker replays it. */
export function toHistory(json: StoredHistory['history']): History {
  return History.fromObject(json)
}

function startedBy(history: History): readonly { workflowId: string; runId: string }[] {
  return (history.events ?? []).flatMap((event) => {
    const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution
    return child?.workflowId && child.runId
      ? [{ workflowId: child.workflowId, runId: child.runId }]
      : []
  })
}

function toJson(history: History): StoredHistory['history'] {
  const json = History.toObject(History.fromObject(history), {
    longs: String,
    enums: String,
    bytes: String,
  })
  return JSON.parse(JSON.stringify(json, dropStackTrace)) as StoredHistory['history']
}

/** Stack traces name folders of the machine that recorded them, and no replay needs them. */
function dropStackTrace(key: string, value: unknown): unknown {
  return key === 'stackTrace' ? '' : value
}
