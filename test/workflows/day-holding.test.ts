import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LoadInput } from '@backtide/core/backfill'
import { dayKey, partitionsOf } from '@backtide/core/partition'
import { DAY_MS } from '@backtide/core/range'
import { progressQuery } from '@backtide/workflows/messages'
import { FIRST_DAY, QUICK, withBench } from './backfill-bench.ts'
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

describe('a day that another backfill holds', { timeout: 60_000 }, () => {
  it('is put off while the others go on, never failed, and loaded once it is free', async () => {
    const gate = createGate()
    const beforeLoad = async ({ symbols }: LoadInput): Promise<void> => {
      if (symbols.includes('ETH')) await gate.opened
    }
    await withBench(temporal, { beforeLoad }, async ({ start, world, queue }) => {
      const held = { from: FIRST_DAY + DAY_MS, to: FIRST_DAY + 2 * DAY_MS }
      const holder = await start({ backfillId: `holder-${queue}`, range: held, symbols: ['ETH'] })
      await vi.waitFor(() => expect(world.loads).toHaveLength(1), EVENTUALLY)

      const handle = await start({ concurrency: 1 })
      await vi.waitFor(async () => {
        const { days } = await handle.query(progressQuery)
        expect(days).toEqual({ total: 4, planned: 4, done: 3, failed: 0, deferred: 1 })
      }, EVENTUALLY)
      expect(world.loaded.some((hour) => dayKey(hour) === dayKey(held.from))).toBe(false)
      await holder.terminate('the holder crashed')
      gate.open()

      expect((await handle.result()).outcome).toBe('complete')
      expect(new Set(world.loaded).size).toBe(96)
      const last = world.loads.at(-1)
      expect(last).toMatchObject({ symbols: ['BTC'], partitions: { to: held.to } })
    })
  })

  it('keeps no free day waiting, however many are held, and none of them is lost', async () => {
    await withBench(temporal, {}, async (bench) => {
      const { start, world } = bench
      const range = { from: FIRST_DAY, to: FIRST_DAY + 70 * DAY_MS }
      const free = await holdDays(bench, { ...range, to: FIRST_DAY + 60 * DAY_MS })
      const tempo = { ...QUICK, deferInitial: 1_000, deferMaximum: 2_000 }
      const handle = await start({ range, concurrency: 8, objectsPerLoad: 24, tempo })
      await vi.waitFor(async () => {
        const { days } = await handle.query(progressQuery)
        expect(days).toEqual({ total: 70, planned: 70, done: 10, failed: 0, deferred: 60 })
      }, EVENTUALLY)
      expect(world.loaded.toSorted((a, b) => a - b)).toEqual(
        partitionsOf({ ...range, from: FIRST_DAY + 60 * DAY_MS }, 'hour'),
      )
      await free()

      expect((await handle.result()).outcome).toBe('complete')
      expect(world.loaded.toSorted((a, b) => a - b)).toEqual(partitionsOf(range, 'hour'))
      const { days, counts } = await handle.query(progressQuery)
      expect(days).toEqual({ total: 70, planned: 70, done: 70, failed: 0, deferred: 0 })
      expect(counts).toEqual({ complete: 70 * 24 })
    })
  })
})
