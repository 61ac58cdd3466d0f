import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LoadInput } from '@backtide/core/backfill'
import { dayKey } from '@backtide/core/partition'
import { DAY_MS } from '@backtide/core/range'
import { progressQuery } from '@backtide/workflows/messages'
import { FIRST_DAY, withBench } from './backfill-bench.ts'
import { createGate } from './gate.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const EVENTUALLY = { timeout: 20_000, interval: 50 }

describe('a day that another backfill holds', { timeout: 60_000 }, () => {
  it('is put off while the others go on, never failed, and loaded in one pass once it is free', async () => {
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
      expect(last).toMatchObject({ symbols: ['BTC'], partitions: held })
    })
  })
})
