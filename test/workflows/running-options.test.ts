import { ApplicationFailure } from '@temporalio/client'
import type { LoadInput } from '@backtide/core/backfill'
import { PRIORITIES } from '@backtide/stack/servers/temporal'
import { FAILURE } from '@backtide/core/failure'
import { dayWorkflowId } from '@backtide/core/ids'
import { dayKey } from '@backtide/core/partition'
import { DAY_MS } from '@backtide/core/range'
import {
  progressQuery,
  resumeSignal,
  retryFailedUpdate,
  setOptionsUpdate,
} from '@backtide/workflows/messages'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { FIRST_DAY, QUICK, withBench, type BackfillHandle, type Bench } from './backfill-bench.ts'
import { createGate } from './gate.ts'
import { startTemporal, type TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal(NEW_MATCHER)
}, 60_000)
afterAll(() => temporal.close())

/** As our stack starts it: without, the server knows no priorities. */
const NEW_MATCHER = Object.entries(PRIORITIES).flatMap(([name, value]) => [
  '--dynamic-config-value',
  `${name}=${value}`,
])

const EVENTUALLY = { timeout: 20_000, interval: 50 }
const WHOLE_DAYS = { objectsPerLoad: 24 }

function daysLoaded({ world }: Bench): readonly string[] {
  return [...new Set(world.loads.map(({ partitions }) => dayKey(partitions.from)))]
}

async function paused(handle: BackfillHandle): Promise<string> {
  return await vi.waitFor(async () => {
    const { phase, paused: remark } = await handle.query(progressQuery)
    expect(phase).toBe('paused')
    return remark?.reason ?? ''
  }, EVENTUALLY)
}

describe('a backfill that runs', { timeout: 60_000 }, () => {
  it('is turned round: it goes on from the other end, and loads every day once', async () => {
    const gate = createGate()
    await withBench(temporal, { beforeLoad: () => gate.opened }, async (bench) => {
      const { start, world } = bench
      const range = { from: FIRST_DAY, to: FIRST_DAY + 6 * DAY_MS }
      const handle = await start({ ...WHOLE_DAYS, range, concurrency: 1 })
      await vi.waitFor(() => expect(world.loads).toHaveLength(1), EVENTUALLY)
      const options = await handle.executeUpdate(setOptionsUpdate, {
        args: [{ order: 'newest-first' }],
      })
      expect(options).toEqual({ order: 'newest-first', concurrency: 1, priority: 3 })
      gate.open()
      expect((await handle.result()).outcome).toBe('complete')
      const [first, ...others] = daysLoaded(bench)
      expect(first).toBe('2025-01-30')
      expect(others).toEqual(['2025-02-04', '2025-02-03', '2025-02-02', '2025-02-01', '2025-01-31'])
      expect(world.loads).toHaveLength(6)
    })
  })

  it('keeps its place when it is turned round twice', async () => {
    const gates = [createGate(), createGate()]
    const beforeLoad = async ({ partitions }: LoadInput): Promise<void> =>
      await gates[partitions.from === FIRST_DAY ? 0 : 1]?.opened
    await withBench(temporal, { beforeLoad }, async (bench) => {
      const handle = await bench.start({ ...WHOLE_DAYS, concurrency: 1 })
      await vi.waitFor(() => expect(bench.world.loads).toHaveLength(1), EVENTUALLY)
      await handle.executeUpdate(setOptionsUpdate, { args: [{ order: 'newest-first' }] })
      gates[0]?.open()
      await vi.waitFor(() => expect(bench.world.loads).toHaveLength(2), EVENTUALLY)
      await handle.executeUpdate(setOptionsUpdate, { args: [{ order: 'oldest-first' }] })
      gates[1]?.open()
      await handle.result()
      expect(daysLoaded(bench)).toEqual(['2025-01-30', '2025-02-02', '2025-01-31', '2025-02-01'])
    })
  })

  it('refuses what it cannot be changed to, and stays as it is', async () => {
    const gate = createGate()
    await withBench(temporal, { beforeLoad: () => gate.opened }, async ({ start }) => {
      const handle = await start()
      const update = handle.executeUpdate(setOptionsUpdate, { args: [{ priority: 0 }] })
      await expect(update).rejects.toMatchObject({
        cause: { type: 'BadRequest', message: 'priority must be an integer from 1 to 5' },
      })
      expect((await handle.query(progressQuery)).options).toMatchObject({ priority: 3 })
      gate.open()
      await handle.result()
    })
  })
})

describe('a backfill with a limit of failed days', { timeout: 60_000 }, () => {
  const poisoned = { mended: false }
  const beforeLoad = async (): Promise<void> => {
    if (!poisoned.mended) throw ApplicationFailure.nonRetryable('rows differ', FAILURE.unexpected)
  }

  it('pauses at it, goes on when it is resumed, and pauses again at as many more', async () => {
    poisoned.mended = false
    await withBench(temporal, { beforeLoad }, async ({ start }) => {
      const range = { from: FIRST_DAY, to: FIRST_DAY + 6 * DAY_MS }
      const handle = await start({ ...FAILING, range, maxFailedDays: 2 })
      expect(await paused(handle)).toMatch(/^2 days have failed, as many as may.*2025-01-31/)
      await handle.signal(resumeSignal)
      await vi.waitFor(
        async () => expect((await handle.query(progressQuery)).days.failed).toBe(4),
        EVENTUALLY,
      )
      expect(await paused(handle)).toMatch(/^4 days have failed/)
      poisoned.mended = true
      await handle.executeUpdate(retryFailedUpdate)
      await handle.signal(resumeSignal)
      expect((await handle.result()).outcome).toBe('complete')
    })
  })

  it('is given one while it runs, in percent of its days, and has it taken away', async () => {
    poisoned.mended = false
    const gate = createGate()
    const held = async (): Promise<void> => {
      await gate.opened
      await beforeLoad()
    }
    await withBench(temporal, { beforeLoad: held }, async ({ start }) => {
      const handle = await start(FAILING)
      await handle.executeUpdate(setOptionsUpdate, { args: [{ maxFailedPercent: 50 }] })
      gate.open()
      expect(await paused(handle)).toMatch(/^2 days have failed/)
      const options = await handle.executeUpdate(setOptionsUpdate, {
        args: [{ maxFailedPercent: null }],
      })
      expect(options).not.toHaveProperty('maxFailedPercent')
      await handle.signal(resumeSignal)
      expect((await handle.result()).outcome).toBe('incomplete')
    })
  })
})

describe('priority', { timeout: 60_000 }, () => {
  it('has loads of a more urgent backfill start first', async () => {
    const gate = createGate()
    const behaviour = { beforeLoad: () => gate.opened, loadsAtOnce: 1 }
    await withBench(temporal, behaviour, async (bench) => {
      const { start, world, input } = bench
      const of = (name: string) => ({
        ...WHOLE_DAYS,
        backfillId: `${input.backfillId}-${name}`,
        dataset: `test.${name}`,
        table: `${input.table}_${name}`,
        concurrency: 4,
      })
      const waiting = async (name: string, loads: number): Promise<void> =>
        await vi.waitFor(
          async () => expect(await pendingLoads(bench, `${input.table}_${name}`)).toBe(loads),
          EVENTUALLY,
        )
      const gaps = await start({ ...of('gaps'), priority: 5 })
      await waiting('gaps', 4)
      const usual = await start(of('usual'))
      await waiting('usual', 4)
      const repair = await start({ ...of('repair'), priority: 2 })
      await waiting('repair', 4)
      gate.open()
      await Promise.all([gaps, usual, repair].map((handle) => handle.result()))
      const order = world.loads.map(({ dataset }) => dataset.replace('test.', ''))
      // The worker asks for a load ahead, and one may be on its way to the queue: single places may differ.
      expect(order).toHaveLength(12)
      expect(meanPlace(order, 'repair')).toBeLessThan(meanPlace(order, 'usual'))
      expect(meanPlace(order, 'usual')).toBeLessThan(meanPlace(order, 'gaps'))
    })
  })
})

/** A day fails with its first load, for good. */
const FAILING = {
  granularity: 'day',
  concurrency: 1,
  tempo: { ...QUICK, dayRestarts: [] },
} as const

function meanPlace(order: readonly string[], name: string): number {
  const places = order.flatMap((one, place) => (one === name ? [place] : []))
  return places.reduce((sum, place) => sum + place, 0) / places.length
}

/** Loads of a table that a worker has or that wait for one. */
async function pendingLoads({ client }: Bench, table: string): Promise<number> {
  const days = Array.from({ length: 4 }, (_, index) => FIRST_DAY + index * DAY_MS)
  const pending = await Promise.all(
    days.map(async (day) => {
      const { raw } = await client.getHandle(dayWorkflowId(table, day)).describe()
      return raw.pendingActivities?.length ?? 0
    }),
  )
  return pending.reduce((sum, count) => sum + count, 0)
}
