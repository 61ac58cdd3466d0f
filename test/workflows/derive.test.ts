import type { RefreshInput } from '@backtide/core/derived'
import { CONTROL_QUEUE, DERIVE_WORKFLOW, deriveWorkflowId } from '@backtide/core/ids'
import { DAY_MS } from '@backtide/core/range'
import { refreshSignal } from '@backtide/workflows/messages'
import { ApplicationFailure } from '@temporalio/common'
import { Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FIRST_DAY, QUICK, withBench } from './backfill-bench.ts'
import { createFakeWorld, type FakeBehaviour } from './fake-world.ts'
import { createGate } from './gate.ts'
import { startTemporal, type TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment

beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)

afterAll(async () => {
  await temporal.close()
})

const day = (index: number) => FIRST_DAY + index * DAY_MS
const days = (from: number, to: number) => ({ from: day(from), to: day(to) })

async function withDerive<T>(
  behaviour: FakeBehaviour,
  body: (asked: readonly RefreshInput[], ask: (request: object) => Promise<void>) => Promise<T>,
): Promise<T> {
  const world = createFakeWorld(behaviour)
  const { workflowBundle, server } = temporal
  const { refreshDerived } = world.activities
  const worker = await Worker.create({
    connection: server.nativeConnection,
    workflowBundle,
    taskQueue: CONTROL_QUEUE,
    activities: { refreshDerived },
  })
  const ask = async (request: object): Promise<void> => {
    await server.client.workflow.signalWithStart(DERIVE_WORKFLOW, {
      workflowId: deriveWorkflowId('test'),
      taskQueue: CONTROL_QUEUE,
      args: [{ name: 'test', tempo: QUICK }],
      signal: refreshSignal,
      signalArgs: [request],
    })
  }
  return await worker.runUntil(() => body(world.refreshes, ask))
}

it('makes what was asked for meanwhile before the rest of something long, one after the other', async () => {
  const gate = createGate()
  const refresh: FakeBehaviour['refresh'] = async ({ range, rebuild }) => {
    if (rebuild) await gate.opened
    return rebuild ? { days: 1, left: { range: days(1, 9) } } : { days: range ? 2 : 0 }
  }
  const handle = temporal.server.client.workflow.getHandle(deriveWorkflowId('test'))
  await withDerive({ refresh }, async (asked, ask) => {
    await ask({ rebuild: true })
    await ask({ range: days(20, 21) })
    await ask({ range: days(21, 22) })
    gate.open()
    expect(await handle.result()).toEqual({ days: 5 })
    expect(asked).toEqual([
      { name: 'test', rebuild: true },
      { name: 'test', range: days(20, 22) },
      { name: 'test', range: days(1, 9) },
    ])
  })
})

it('fails with what an activity gave up with, and begins anew when it is asked again', async () => {
  let broken = true
  const refresh = () =>
    broken
      ? Promise.reject(ApplicationFailure.nonRetryable('no such column', 'BadRequest'))
      : Promise.resolve({ days: 1 })
  const handle = temporal.server.client.workflow.getHandle(deriveWorkflowId('test'))
  await withDerive({ refresh }, async (_, ask) => {
    await ask({})
    await expect(handle.result()).rejects.toMatchObject({ cause: { message: 'no such column' } })
    broken = false
    await ask({})
    expect(await handle.result()).toEqual({ days: 1 })
  })
})

it('is asked for by a day once it is loaded, and a day that cannot ask is loaded all the same', async () => {
  const input = { derived: ['one', 'two'], range: days(0, 2) }
  await withBench(temporal, {}, async ({ world, start }) => {
    expect(await (await start(input)).result()).toMatchObject({ outcome: 'complete' })
    const notes = world.notes.map(({ names, range }) => ({ names, range }))
    expect(notes.toSorted((a, b) => a.range.from - b.range.from)).toEqual([
      { names: ['one', 'two'], range: days(0, 1) },
      { names: ['one', 'two'], range: days(1, 2) },
    ])
  })
  await withBench(temporal, { beforeNote: refuse }, async ({ start }) => {
    expect(await (await start(input)).result()).toMatchObject({
      outcome: 'complete',
      reason: expect.stringMatching(/one, two not refreshed \(not today\)/),
    })
  })
})

function refuse(): Promise<never> {
  return Promise.reject(ApplicationFailure.nonRetryable('not today', 'Unexpected'))
}
