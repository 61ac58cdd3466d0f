import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { CancelledFailure, WorkflowFailedError } from '@temporalio/client'
import type { LoadInput } from '@backtide/core/backfill'
import { dayWorkflowId } from '@backtide/core/ids'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import {
  cancelSignal,
  pauseSignal,
  progressQuery,
  resumeSignal,
} from '@backtide/workflows/messages'
import { FIRST_DAY, QUICK, withBench } from './backfill-bench.ts'
import type { BackfillHandle } from './backfill-bench.ts'
import { createGate } from './gate.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const EVENTUALLY = { timeout: 20_000, interval: 50 }

/** Lets the first `free` loads pass and holds those after them. */
function holdAfter(free: number) {
  const gate = createGate()
  let begun = 0
  const beforeLoad = async (_input: LoadInput): Promise<void> => {
    begun += 1
    if (begun > free) await gate.opened
  }
  return { gate, beforeLoad }
}

async function expectCanceled(handle: BackfillHandle): Promise<void> {
  const error: unknown = await handle.result().catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(WorkflowFailedError)
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure)
  expect((await handle.describe()).status.name).toBe('CANCELLED')
}

describe('pausing and cancelling a backfill', { timeout: 60_000 }, () => {
  it('starts nothing new while paused, and resume carries it to its end', async () => {
    const { gate, beforeLoad } = holdAfter(3)
    await withBench(temporal, { beforeLoad }, async ({ start, world, client, input }) => {
      const handle = await start({ concurrency: 1 })
      await vi.waitFor(() => expect(world.loads).toHaveLength(4), EVENTUALLY)
      const child = client.getHandle(dayWorkflowId(input.table, FIRST_DAY + DAY_MS))
      await handle.signal(pauseSignal, { reason: 'disk', by: 'ann' })
      await vi.waitFor(async () => {
        const { events } = await child.fetchHistory()
        const told = events?.some((event) => event.workflowExecutionSignaledEventAttributes)
        expect(told).toBe(true)
      }, EVENTUALLY)
      gate.open()
      const left = { from: FIRST_DAY + DAY_MS + 8 * HOUR_MS, to: FIRST_DAY + 2 * DAY_MS }
      expect(await child.result()).toEqual({ counts: { complete: 8 }, rows: 8, left })
      await vi.waitFor(async () => {
        const { phase, paused, inFlight, days } = await handle.query(progressQuery)
        expect({ phase, paused, inFlight, days }).toEqual({
          phase: 'paused',
          paused: { reason: 'disk', by: 'ann' },
          inFlight: [],
          days: { total: 4, planned: 2, done: 1, failed: 0, deferred: 1 },
        })
      }, EVENTUALLY)
      expect(world.ledger.size).toBe(32)
      expect(world.loads).toHaveLength(4)

      await handle.signal(resumeSignal)
      expect((await handle.result()).counts).toEqual({ complete: 96 })
      expect(world.loaded).toHaveLength(96)
      expect(world.loads[4]?.partitions).toEqual(left)
      const { counts, rows, days } = await handle.query(progressQuery)
      expect({ counts, rows, done: days.done }).toEqual({
        counts: { complete: 96 },
        rows: 96,
        done: 4,
      })
    })
  })

  it('holds no day while it is paused: another backfill takes them at once', async () => {
    const { gate, beforeLoad } = holdAfter(0)
    await withBench(temporal, { beforeLoad }, async ({ start, world, queue }) => {
      const handle = await start()
      await vi.waitFor(() => expect(world.loads).toHaveLength(2), EVENTUALLY)
      await handle.signal(pauseSignal)
      gate.open()
      await vi.waitFor(async () => {
        expect((await handle.query(progressQuery)).inFlight).toEqual([])
      }, EVENTUALLY)

      const tempo = { ...QUICK, deferInitial: 60_000, deferMaximum: 60_000 }
      const other = await start({ backfillId: `other-${queue}`, tempo })
      expect((await other.result()).counts).toEqual({ complete: 96 })
      expect((await handle.query(progressQuery)).phase).toBe('paused')
      await handle.signal(resumeSignal)
      expect((await handle.result()).outcome).toBe('complete')
      expect(world.loaded).toHaveLength(96)
    })
  })

  it('goes on with a day at once that was paused and resumed within one load', async () => {
    const { gate, beforeLoad } = holdAfter(0)
    await withBench(temporal, { beforeLoad }, async ({ start, world, input }) => {
      const handle = await start({ range: { ...input.range, to: FIRST_DAY + DAY_MS } })
      await vi.waitFor(() => expect(world.loads).toHaveLength(1), EVENTUALLY)
      await handle.signal(pauseSignal)
      await handle.signal(resumeSignal)
      gate.open()
      expect((await handle.result()).counts).toEqual({ complete: 24 })
      expect(world.loads).toHaveLength(3)
    })
  })

  it('takes signals with no input', async () => {
    const { gate, beforeLoad } = holdAfter(0)
    await withBench(temporal, { beforeLoad }, async ({ start, world }) => {
      const handle = await start()
      await vi.waitFor(() => expect(world.loads).toHaveLength(2), EVENTUALLY)
      await handle.signal(pauseSignal)
      expect((await handle.query(progressQuery)).paused).toEqual({})
      await handle.signal('resume')
      expect((await handle.query(progressQuery)).paused).toBeUndefined()
      gate.open()
      expect((await handle.result()).outcome).toBe('complete')
    })
  })

  it('ends Canceled when it is cancelled during a pause by a signal with no input', async () => {
    const { gate, beforeLoad } = holdAfter(0)
    await withBench(temporal, { beforeLoad }, async ({ start, world }) => {
      const handle = await start()
      await vi.waitFor(() => expect(world.loads).toHaveLength(2), EVENTUALLY)
      await handle.signal(pauseSignal)
      await handle.signal(cancelSignal)
      await expectCanceled(handle)

      expect(world.finishes.map(({ outcome }) => outcome)).toEqual(['cancelled'])
      expect(world.loads).toHaveLength(2)
      expect(world.loaded).toEqual([])
      gate.open()
    })
  })

  it('waits for its cancelled days, and keeps what they had loaded', async () => {
    const { gate, beforeLoad } = holdAfter(2)
    await withBench(temporal, { beforeLoad }, async ({ start, world, client, input }) => {
      const handle = await start()
      await vi.waitFor(() => expect(world.loads).toHaveLength(4), EVENTUALLY)
      await handle.cancel()
      await expectCanceled(handle)

      for (const day of [FIRST_DAY, FIRST_DAY + DAY_MS]) {
        const child = await client.getHandle(dayWorkflowId(input.table, day)).describe()
        expect(child.status.name).toBe('CANCELLED')
      }
      expect(world.loaded).toHaveLength(16)
      expect(world.finishes.map(({ outcome }) => outcome)).toEqual(['cancelled'])
      gate.open()
    })
  })

  it('hands the reason of a cancel signal on, and asks again until the cancel arrives', async () => {
    const { gate, beforeLoad } = holdAfter(0)
    let asked = 0
    const client = temporal.server.client.workflow
    const requestCancel = async (id: string): Promise<void> => {
      asked += 1
      if (asked < 3) throw new Error('Temporal is away')
      await client.getHandle(id).cancel()
    }
    await withBench(temporal, { beforeLoad, requestCancel }, async ({ start, world }) => {
      const handle = await start()
      await vi.waitFor(() => expect(world.loads).toHaveLength(2), EVENTUALLY)
      await handle.signal(cancelSignal, { reason: 'wrong coin' })
      await expectCanceled(handle)

      expect(asked).toBe(3)
      const [{ outcome, reason } = {}] = world.finishes
      expect({ outcome, reason }).toEqual({ outcome: 'cancelled', reason: 'wrong coin' })
      gate.open()
    })
  })
})
