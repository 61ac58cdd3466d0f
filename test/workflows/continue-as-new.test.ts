import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/client'
import type { LoadInput } from '@backtide/core/backfill'
import { FAILURE } from '@backtide/core/failure'
import { partitionsOf } from '@backtide/core/partition'
import { DAY_MS } from '@backtide/core/range'
import {
  cancelSignal,
  pauseSignal,
  progressQuery,
  resumeSignal,
  setConcurrencyUpdate,
} from '@backtide/workflows/messages'
import { FIRST_DAY, withBench } from './backfill-bench.ts'
import { createGate } from './gate.ts'
import { newestRunOf, runsOf } from './run-histories.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

/** Runs of sixty events instead of thousands. */
const SHORT_RUNS = ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60']

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal(SHORT_RUNS)
}, 60_000)
afterAll(() => temporal.close())

const EVENTUALLY = { timeout: 30_000, interval: 50 }
const RANGE = { from: FIRST_DAY, to: FIRST_DAY + 40 * DAY_MS }

async function failFirstDay({ partitions }: LoadInput): Promise<void> {
  if (partitions.from >= FIRST_DAY + DAY_MS) return
  throw ApplicationFailure.nonRetryable('rows differ', FAILURE.unexpected)
}

describe('a backfill that continues as new', { timeout: 90_000 }, () => {
  it('loads every hour once, whatever run it falls into', async () => {
    await withBench(temporal, {}, async ({ start, world, client, input }) => {
      const handle = await start({ range: RANGE, concurrency: 4, objectsPerLoad: 24 })
      const result = await handle.result()

      expect(result.counts).toEqual({ complete: 40 * 24 })
      expect(world.loaded.toSorted((a, b) => a - b)).toEqual(partitionsOf(RANGE, 'hour'))
      expect(world.loads).toHaveLength(40)
      const runs = await runsOf(
        client,
        input.backfillId,
        await newestRunOf(client, input.backfillId),
      )
      expect(runs.length).toBeGreaterThan(2)
      const progress = await client.getHandle(input.backfillId).query(progressQuery)
      expect(progress.days).toEqual({ total: 40, planned: 40, done: 40, failed: 0, deferred: 0 })
      expect(progress.counts).toEqual({ complete: 40 * 24 })
      expect(progress.rows).toBe(40 * 24)
    })
  })

  it('keeps its failed days and their reasons', async () => {
    await withBench(temporal, { beforeLoad: failFirstDay }, async ({ start, client, input }) => {
      const handle = await start({ range: RANGE, concurrency: 4, objectsPerLoad: 24 })
      const result = await handle.result()

      expect(result.counts).toEqual({ complete: 39 * 24, failed: 24 })
      const progress = await client.getHandle(input.backfillId).query(progressQuery)
      expect(progress.days).toEqual({ total: 40, planned: 40, done: 39, failed: 1, deferred: 0 })
      expect(progress.counts).toEqual({ complete: 39 * 24, failed: 24 })
    })
  })

  it('loses no signal: pauses and resumes sent all the while are in its histories, and it ends', async () => {
    await withBench(temporal, {}, async ({ start, world, client, input }) => {
      const range = { from: FIRST_DAY, to: FIRST_DAY + 20 * DAY_MS }
      const first = await start({ range, concurrency: 2, objectsPerLoad: 24 })
      const handle = client.getHandle(input.backfillId)
      let sent = 0
      for (let open = true; open;) {
        try {
          await handle.signal(pauseSignal, { reason: `number ${sent}` })
          sent += 1
          await handle.signal(resumeSignal)
          sent += 1
        } catch (error) {
          expect(error).toBeInstanceOf(WorkflowNotFoundError)
          open = false
        }
      }
      expect((await first.result()).counts).toEqual({ complete: 20 * 24 })
      expect(world.loaded).toHaveLength(20 * 24)

      const runs = await runsOf(
        client,
        input.backfillId,
        await newestRunOf(client, input.backfillId),
      )
      expect(runs.length).toBeGreaterThan(2)
      let received = 0
      for (const { runId } of runs) {
        const { events } = await client.getHandle(input.backfillId, runId).fetchHistory()
        received += (events ?? []).filter((e) => e.workflowExecutionSignaledEventAttributes).length
      }
      expect(received).toBe(sent)
    })
  })

  it('stays paused, with the concurrency it was given, until it is resumed', async () => {
    const gate = createGate()
    const beforeLoad = async ({ partitions }: LoadInput): Promise<void> => {
      if (partitions.from === FIRST_DAY + 3 * DAY_MS) await gate.opened
    }
    await withBench(temporal, { beforeLoad }, async ({ start, world, client, input }) => {
      const first = await start({ range: RANGE, concurrency: 2, objectsPerLoad: 24 })
      const handle = client.getHandle(input.backfillId)
      await vi.waitFor(() => expect(world.loads.length).toBeGreaterThan(3), EVENTUALLY)
      await handle.signal(pauseSignal, { reason: 'night' })
      await handle.executeUpdate(setConcurrencyUpdate, { args: [{ concurrency: 3 }] })
      // Pausing again and again is what fills the history here.
      for (let times = 0; times < 20; times += 1)
        await handle.signal(pauseSignal, { reason: 'night' })
      gate.open()
      await vi.waitFor(async () => {
        expect((await handle.describe()).runId).not.toBe(first.firstExecutionRunId)
      }, EVENTUALLY)
      const begun = world.loads.length

      const { phase, paused, concurrency, inFlight } = await handle.query(progressQuery)
      expect({ phase, paused, concurrency, inFlight }).toEqual({
        phase: 'paused',
        paused: { reason: 'night' },
        concurrency: 3,
        inFlight: [],
      })
      expect(world.loads).toHaveLength(begun)
      expect(begun).toBeLessThan(40)
      await handle.signal(resumeSignal)
      expect((await first.result()).counts).toEqual({ complete: 40 * 24 })
      expect(world.loads).toHaveLength(40)
    })
  })

  it('is cancelled by a signal that arrives while it drains', async () => {
    const gate = createGate()
    const beforeLoad = async ({ partitions }: LoadInput): Promise<void> => {
      if (partitions.from === FIRST_DAY + 20 * DAY_MS) await gate.opened
    }
    await withBench(temporal, { beforeLoad }, async ({ start, world, client, input }) => {
      const first = await start({ range: RANGE, concurrency: 2, objectsPerLoad: 24 })
      const handle = client.getHandle(input.backfillId)
      await vi.waitFor(async () => {
        expect((await handle.query(progressQuery)).phase).toBe('draining')
      }, EVENTUALLY)
      await handle.signal(cancelSignal)
      gate.open()

      await expect(first.result()).rejects.toThrow('cancelled')
      expect((await handle.describe()).status.name).toBe('CANCELLED')
      expect(world.finishes.map(({ outcome }) => outcome)).toEqual(['cancelled'])
    })
  })
})
