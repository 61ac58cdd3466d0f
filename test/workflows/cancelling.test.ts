import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ApplicationFailure } from '@temporalio/client'
import { FAILURE } from '@backtide/core/failure'
import { dayWorkflowId } from '@backtide/core/ids'
import { DAY_MS } from '@backtide/core/range'
import { pauseSignal, progressQuery } from '@backtide/workflows/messages'
import { FIRST_DAY, QUICK, withBench } from './backfill-bench.ts'
import type { BackfillHandle, Bench } from './backfill-bench.ts'
import { createGate } from './gate.ts'
import { holdDays } from './hold-days.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const EVENTUALLY = { timeout: 20_000, interval: 50 }
const ONE_DAY = { from: FIRST_DAY, to: FIRST_DAY + DAY_MS }
/** Longer than any of these tests may take. */
const LONG = 600_000

async function expectCanceled(handle: BackfillHandle, { world }: Bench): Promise<void> {
  await expect(handle.result()).rejects.toThrow(/cancelled/i)
  expect((await handle.describe()).status.name).toBe('CANCELLED')
  expect(world.finishes.map(({ outcome }) => outcome)).toEqual(['cancelled'])
}

async function slowDown(): Promise<void> {
  throw ApplicationFailure.retryable('503', FAILURE.sourceUnavailable)
}

describe('a backfill that is cancelled', { timeout: 60_000 }, () => {
  it.each(['running', 'paused'])('while a day waits to be tried again, %s', async (how) => {
    await withBench(temporal, {}, async (bench) => {
      const free = await holdDays(bench, ONE_DAY)
      const tempo = { ...QUICK, deferInitial: LONG, deferMaximum: LONG }
      const handle = await bench.start({ range: ONE_DAY, tempo })
      await vi.waitFor(async () => {
        const { days, inFlight } = await handle.query(progressQuery)
        expect({ deferred: days.deferred, inFlight }).toEqual({ deferred: 1, inFlight: [] })
      }, EVENTUALLY)
      if (how === 'paused') await handle.signal(pauseSignal)
      await handle.cancel()
      await expectCanceled(handle, bench)
      expect(bench.world.loads).toEqual([])
      await free()
    })
  })

  it('while a load waits for its next attempt', async () => {
    await withBench(temporal, { beforeLoad: slowDown }, async (bench) => {
      const tempo = { ...QUICK, retryInitialInterval: LONG, retryMaximumInterval: LONG }
      const handle = await bench.start({ range: ONE_DAY, tempo })
      const child = bench.client.getHandle(dayWorkflowId(bench.input.table, FIRST_DAY))
      await vi.waitFor(async () => {
        const [load] = (await child.describe()).raw.pendingActivities ?? []
        expect(load?.attempt).toBe(2)
      }, EVENTUALLY)
      await handle.cancel()
      await expectCanceled(handle, bench)
      expect((await child.describe()).status.name).toBe('CANCELLED')
      expect(bench.world.loads).toHaveLength(1)
    })
  })

  it('while its days are planned', async () => {
    const gate = createGate()
    await withBench(temporal, { beforePlan: () => gate.opened }, async (bench) => {
      const handle = await bench.start()
      await vi.waitFor(() => expect(bench.world.plans).toHaveLength(1), EVENTUALLY)
      await handle.cancel()
      await expectCanceled(handle, bench)
      gate.open()
      expect(bench.world.loads).toEqual([])
    })
  })

  it('while its end is recorded has ended already, and stays complete', async () => {
    const gate = createGate()
    await withBench(temporal, { beforeFinish: () => gate.opened }, async ({ start, world }) => {
      const handle = await start({ range: ONE_DAY })
      await vi.waitFor(async () => {
        expect((await handle.query(progressQuery)).phase).toBe('finishing')
      }, EVENTUALLY)
      await handle.cancel()
      gate.open()
      expect((await handle.result()).outcome).toBe('complete')
      expect((await handle.describe()).status.name).toBe('COMPLETED')
      expect(world.finishes.map(({ outcome }) => outcome)).toEqual(['finished'])
    })
  })
})
