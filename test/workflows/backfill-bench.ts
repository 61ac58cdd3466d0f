import type { WorkflowClient, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client'
import { Worker } from '@temporalio/worker'
import type { BackfillInput } from '@backtide/core/backfill'
import { BACKFILL_WORKFLOW } from '@backtide/core/ids'
import { DAY_MS } from '@backtide/core/range'
import type { Timing } from '@backtide/core/timing'
import type { backfill } from '@backtide/workflows/index'
import { randomUUID } from 'node:crypto'
import { createFakeWorld } from './fake-world.ts'
import type { FakeBehaviour, FakeWorld } from './fake-world.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

export type BackfillHandle = WorkflowHandleWithFirstExecutionRunId<typeof backfill>

/** A worker with faked activities, and what a test needs to run backfills on it. */
export interface Bench {
  readonly world: FakeWorld
  readonly client: WorkflowClient
  readonly queue: string
  readonly input: BackfillInput
  /** Starts a backfill of the bench's input with some of it changed. */
  readonly start: (change?: Partial<BackfillInput>) => Promise<BackfillHandle>
}

export const FIRST_DAY = Date.UTC(2025, 0, 30)

/** Intervals so short that a test waits for none of them; restarts: one. */
export const QUICK: Timing = {
  heartbeatTimeout: 2_000,
  loadTimeout: 60_000,
  controlTimeout: 20_000,
  retryInitialInterval: 50,
  retryMaximumInterval: 100,
  deferInitial: 50,
  deferMaximum: 200,
  dayRestarts: [50],
}

/** Runs a test against workers of its own; they are gone when it ends. */
export async function withBench<T>(
  temporal: TemporalEnvironment,
  behaviour: FakeBehaviour,
  body: (bench: Bench) => Promise<T>,
): Promise<T> {
  const name = randomUUID().slice(0, 8)
  const client = temporal.server.client.workflow
  const requestCancel = async (id: string): Promise<void> =>
    void (await client.getHandle(id).cancel())
  const world = createFakeWorld({ requestCancel, ...behaviour })
  const input = benchInput(name)
  const start = (change: Partial<BackfillInput> = {}): Promise<BackfillHandle> => {
    const args: [BackfillInput] = [{ ...input, ...change }]
    const { backfillId: workflowId } = args[0]
    return client.start<typeof backfill>(BACKFILL_WORKFLOW, { workflowId, taskQueue: name, args })
  }
  const { loadPartitions, ...control } = world.activities
  const workers = await Promise.all([
    createWorker(temporal, name, control, true),
    createWorker(temporal, input.loadQueue, { loadPartitions }, false, behaviour.loadsAtOnce),
  ])
  const [first, second] = workers
  return await first.runUntil(
    second.runUntil(() => body({ world, client, queue: name, input, start })),
  )
}

async function createWorker(
  temporal: TemporalEnvironment,
  taskQueue: string,
  activities: object,
  runsWorkflows: boolean,
  activitiesAtOnce?: number,
): Promise<Worker> {
  return await Worker.create({
    connection: temporal.server.nativeConnection,
    ...(runsWorkflows ? { workflowBundle: temporal.workflowBundle } : {}),
    identity: 'test',
    taskQueue,
    activities,
    ...(activitiesAtOnce && { maxConcurrentActivityTaskExecutions: activitiesAtOnce }),
  })
}

function benchInput(name: string): BackfillInput {
  return {
    backfillId: `backfill-${name}`,
    dataset: 'test.books',
    table: `books_${name}`,
    granularity: 'hour',
    symbols: ['BTC'],
    range: { from: FIRST_DAY, to: FIRST_DAY + 4 * DAY_MS },
    order: 'oldest-first',
    reprocess: 'incomplete',
    onFailure: 'continue',
    concurrency: 2,
    objectsPerLoad: 8,
    tempo: QUICK,
    loadQueue: `${name}-load`,
    indexed: true,
    createdAt: FIRST_DAY,
    requestHash: 'hash',
  }
}
