import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ApplicationFailure } from '@temporalio/client'
import type { WorkflowHandle } from '@temporalio/client'
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
import { FIRST_DAY, QUICK, withBench } from './backfill-bench.ts'
import type { FakeWorld } from './fake-world.ts'
import { createGate } from './gate.ts'
import { holdDays } from './hold-days.ts'
import { newestRunOf, runsOf } from './run-histories.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

/** Has runs of so many events instead of thousands. */
function runsOfEvents(count: number): readonly string[] {
  return ['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${count}`]
}

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal(runsOfEvents(60))
}, 60_000)
afterAll(() => temporal.close())

const EVENTUALLY = { timeout: 30_000, interval: 50 }
const RANGE = { from: FIRST_DAY, to: FIRST_DAY + 40 * DAY_MS }

/** Holds every load until it is released, or until all are. */
function holdEveryLoad() {
  const all = createGate()
  let turn = createGate()
  const beforeLoad = async (): Promise<void> => await Promise.race([turn.opened, all.opened])
  const release = (): void => {
    const { open } = turn
    turn = createGate()
    open()
  }
  return { beforeLoad, release, open: all.open }
}

/** Releases one load after the other until the run starts no more; one is held then. */
async function loadsUntilDraining(
  handle: WorkflowHandle,
  world: FakeWorld,
  turns: ReturnType<typeof holdEveryLoad>,
): Promise<number> {
  for (let begun = Math.max(1, world.loads.length); ; begun += 1) {
    await vi.waitFor(() => expect(world.loads).toHaveLength(begun), EVENTUALLY)
    // The event that starts a load in its child is not the last of the parent's.
    await vi.waitFor(async () => {
      expect((await handle.query(progressQuery)).inFlight).toHaveLength(1)
    }, EVENTUALLY)
    if ((await handle.query(progressQuery)).phase === 'draining') return begun
    turns.release()
  }
}

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

  it('obeys every signal, also one that arrives while a run hands over to the next', async () => {
    const turns = holdEveryLoad()
    await withBench(temporal, turns, async ({ start, world, client, input }) => {
      const first = await start({ range: RANGE, concurrency: 1, objectsPerLoad: 24 })
      const handle = client.getHandle(input.backfillId)
      for (let switches = 0; switches < 3; switches += 1) {
        const begun = await loadsUntilDraining(handle, world, turns)
        const { runId } = await handle.describe()
        turns.release()
        let last = ''
        for (let sent = 0; (await handle.describe()).runId === runId; sent += 1) {
          last = `switch ${switches}, signal ${sent}`
          await handle.signal(pauseSignal, { reason: last })
        }
        const { phase, paused, inFlight } = await handle.query(progressQuery)
        expect({ phase, paused, inFlight }).toEqual({
          phase: 'paused',
          paused: { reason: last },
          inFlight: [],
        })
        expect(world.loads).toHaveLength(begun)
        await handle.signal(resumeSignal)
        await vi.waitFor(() => expect(world.loads).toHaveLength(begun + 1), EVENTUALLY)
      }
      turns.open()
      expect((await first.result()).counts).toEqual({ complete: 40 * 24 })
      expect(world.loaded.toSorted((x, y) => x - y)).toEqual(partitionsOf(RANGE, 'hour'))
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

describe('a backfill that continues as new while others hold its days', { timeout: 90_000 }, () => {
  let roomy: TemporalEnvironment
  beforeAll(async () => {
    roomy = await startTemporal(runsOfEvents(300))
  }, 60_000)
  afterAll(() => roomy.close())

  it('forgets no day that others hold, nor those it passed over for their sake', async () => {
    await withBench(roomy, {}, async (bench) => {
      const { start, world, client, input } = bench
      const range = { from: FIRST_DAY, to: FIRST_DAY + 70 * DAY_MS }
      const free = await holdDays(bench, { ...range, to: FIRST_DAY + 60 * DAY_MS })
      const tempo = { ...QUICK, deferInitial: 1_000, deferMaximum: 2_000 }
      const first = await start({ range, concurrency: 8, objectsPerLoad: 24, tempo })
      const handle = client.getHandle(input.backfillId)
      await vi.waitFor(() => expect(world.loaded).toHaveLength(10 * 24), EVENTUALLY)
      const { runId } = await handle.describe()
      await vi.waitFor(async () => {
        expect((await handle.describe()).runId).not.toBe(runId)
      }, EVENTUALLY)
      await free()

      expect((await first.result()).counts).toEqual({ complete: 70 * 24 })
      expect(world.loaded.toSorted((a, b) => a - b)).toEqual(partitionsOf(range, 'hour'))
      const { days } = await handle.query(progressQuery)
      expect(days).toEqual({ total: 70, planned: 70, done: 70, failed: 0, deferred: 0 })
    })
  })
})
