import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dayKey, partitionsOf } from '@backtide/core/partition'
import { DAY_MS } from '@backtide/core/range'
import { progressQuery, setConcurrencyUpdate } from '@backtide/workflows/messages'
import { FIRST_DAY, withBench } from './backfill-bench.ts'
import { createGate } from './gate.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const FOUR_DAYS = ['2025-01-30', '2025-01-31', '2025-02-01', '2025-02-02']
const EVENTUALLY = { timeout: 20_000, interval: 50 }

describe('the order of a backfill', { timeout: 60_000 }, () => {
  it('loads days in order, and every partition of the range once', async () => {
    await withBench(temporal, {}, async ({ start, world, input }) => {
      const result = await (await start({ concurrency: 1 })).result()

      expect(result).toEqual({ outcome: 'complete', counts: { complete: 96 }, rows: 96 })
      expect(world.loaded).toEqual(partitionsOf(input.range, 'hour'))
      expect(world.finishes.map(({ outcome }) => outcome)).toEqual(['finished'])
    })
  })

  it('loads the newest day first, and the partitions of each day ascending', async () => {
    await withBench(temporal, {}, async ({ start, world }) => {
      await (await start({ concurrency: 1, order: 'newest-first' })).result()

      const days = [...new Set(world.loaded.map(dayKey))]
      expect(days).toEqual(FOUR_DAYS.toReversed())
      for (const day of days) {
        const hours = world.loaded.filter((hour) => dayKey(hour) === day)
        expect(hours).toEqual(hours.toSorted((a, b) => a - b))
        expect(hours).toHaveLength(24)
      }
    })
  })

  it('plans a month at a time, and starts only days that have something to load', async () => {
    await withBench(temporal, {}, async ({ start, world, input }) => {
      for (const hour of partitionsOf({ from: FIRST_DAY, to: FIRST_DAY + DAY_MS }, 'hour')) {
        world.ledger.set(hour, 'complete')
      }
      const handle = await start({ concurrency: 1 })
      await handle.result()

      expect(world.plans.map(({ range }) => range)).toEqual([
        { from: input.range.from, to: FIRST_DAY + 2 * DAY_MS },
        { from: FIRST_DAY + 2 * DAY_MS, to: input.range.to },
      ])
      expect(daysLoaded(world.loads)).toEqual(FOUR_DAYS.slice(1))
      const { days } = await handle.query(progressQuery)
      expect(days).toEqual({ total: 4, planned: 4, done: 4, failed: 0, deferred: 0 })
    })
  })

  it('never has more days in flight than its concurrency, which can change while it runs', async () => {
    const [first, second] = [createGate(), createGate()]
    const gates = [first, second]
    const beforeLoad = async (): Promise<void> => await gates[0]?.opened
    await withBench(temporal, { beforeLoad }, async ({ start, world, input }) => {
      const range = { from: FIRST_DAY, to: FIRST_DAY + 8 * DAY_MS }
      const handle = await start({ range, objectsPerLoad: 24 })
      const inFlight = async (): Promise<number> =>
        (await handle.query(progressQuery)).inFlight.length
      await vi.waitFor(() => expect(world.loads).toHaveLength(2), EVENTUALLY)
      expect(await inFlight()).toBe(input.concurrency)

      const answer = await handle.executeUpdate(setConcurrencyUpdate, {
        args: [{ concurrency: 4 }],
      })
      expect(answer).toBe(4)
      await vi.waitFor(() => expect(world.loads).toHaveLength(4), EVENTUALLY)
      expect(await inFlight()).toBe(4)
      expect(world.mostAtOnce).toBe(4)

      await handle.executeUpdate(setConcurrencyUpdate, { args: [{ concurrency: 1 }] })
      gates.shift()
      first.open()
      await vi.waitFor(() => expect(world.loads).toHaveLength(5), EVENTUALLY)
      expect(await inFlight()).toBe(1)
      second.open()
      expect((await handle.result()).outcome).toBe('complete')
      expect(world.mostAtOnce).toBe(4)
    })
  })

  it('refuses a concurrency that is no integer from 1 to 64', async () => {
    const gate = createGate()
    await withBench(temporal, { beforeLoad: () => gate.opened }, async ({ start }) => {
      const handle = await start()
      for (const concurrency of [0, 65, 1.5, Number.NaN]) {
        const update = handle.executeUpdate(setConcurrencyUpdate, { args: [{ concurrency }] })
        await expect(update).rejects.toMatchObject({
          cause: { type: 'BadRequest', message: expect.stringContaining('1 to 64') },
        })
      }
      expect((await handle.query(progressQuery)).concurrency).toBe(2)
      gate.open()
      await handle.result()
    })
  })
})

function daysLoaded(loads: readonly { partitions: { from: number } }[]): readonly string[] {
  return [...new Set(loads.map(({ partitions }) => dayKey(partitions.from)))]
}
