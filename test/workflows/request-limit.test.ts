import { createTurns } from '@backtide/activities/objects/rest/turns'
import { CONTROL_QUEUE, LIMIT_WORKFLOW, limitWorkflowId, TAKE_TURN } from '@backtide/core/ids'
import { Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTemporal, type TemporalEnvironment } from './temporal-environment.ts'

const LIMIT = { name: 'venue', weightPerMinute: 60_000 }
const NEVER = new AbortController().signal

let temporal: TemporalEnvironment
let worker: Worker
let running: Promise<void>

beforeAll(async () => {
  temporal = await startTemporal([
    '--dynamic-config-value',
    'limit.historyCount.suggestContinueAsNew=40',
  ])
  const { server, workflowBundle } = temporal
  const connection = server.nativeConnection
  worker = await Worker.create({ connection, taskQueue: CONTROL_QUEUE, workflowBundle })
  running = worker.run()
}, 60_000)

afterAll(async () => {
  worker.shutdown()
  await running
  await temporal.close()
})

async function take(weight: number): Promise<number> {
  const { client } = temporal.server
  const began = performance.now()
  await createTurns(client).take(LIMIT, weight, NEVER)
  return performance.now() - began
}

it('keeps what it promised over its runs, and asks for as many turns at once as wait', async () => {
  const { client } = temporal.server
  const handle = client.workflow.getHandle(limitWorkflowId(LIMIT.name))
  await take(1)
  const { runId } = await handle.describe()
  // One after the other: each is an update of its own.
  for (let turn = 0; turn < 20; turn++) await take(1)
  expect((await handle.describe()).runId).not.toBe(runId)
  // A burst is 10,000; what is beyond comes back at 50,000 a minute.
  expect(await take(10_000 + 800)).toBeGreaterThan(700)

  const turns = createTurns(client)
  const before = (await handle.describe()).historyLength
  await Promise.all(Array.from({ length: 50 }, () => turns.take(LIMIT, 1, NEVER)))
  expect((await handle.describe()).historyLength).toBeLessThan(before + 25)
})

it('ends when nobody has asked for some time, and begins anew with the next who does', async () => {
  const { client } = temporal.server
  const workflowId = limitWorkflowId('quiet')
  const first = await client.workflow.start(LIMIT_WORKFLOW, {
    workflowId,
    taskQueue: CONTROL_QUEUE,
    args: [{ idleMs: 200 }],
  })
  await first.executeUpdate<number, [object]>(TAKE_TURN, {
    args: [{ weight: 1, weightPerMinute: 60 }],
  })
  await first.result()
  await createTurns(client).take({ name: 'quiet', weightPerMinute: 60 }, 1, NEVER)
  expect((await client.workflow.getHandle(workflowId).describe()).status.name).toBe('RUNNING')
})

it('refuses a turn that no minute has room for', async () => {
  const { client } = temporal.server
  const handle = client.workflow.getHandle(limitWorkflowId(LIMIT.name))
  const args: [object] = [{ weight: 2, weightPerMinute: 1 }]
  await expect(handle.executeUpdate<number, [object]>(TAKE_TURN, { args })).rejects.toMatchObject({
    cause: { message: 'No turn weighs 2 of 1 a minute.' },
  })
})
