import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LoadInput } from '@backtide/core/backfill'
import type { Stop } from '@backtide/core/budget'
import { progressQuery, resumeSignal, setBudgetUpdate } from '@backtide/workflows/messages'
import { withBench } from './backfill-bench.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const EVENTUALLY = { timeout: 20_000, interval: 50 }

/** Every load costs a dollar. */
function payFor(spent: { usd: number }) {
  return ({ maxCostUsd }: LoadInput): Stop | undefined => {
    if (maxCostUsd !== undefined && spent.usd >= maxCostUsd) {
      return { reason: `$${maxCostUsd} is spent`, maxCostUsd }
    }
    spent.usd += 1
    return undefined
  }
}

describe('a backfill with a budget', { timeout: 60_000 }, () => {
  it('pauses when it is spent, again when resumed with it, and goes on when it was raised', async () => {
    const stop = payFor({ usd: 0 })
    await withBench(temporal, { stop }, async ({ start, world }) => {
      const handle = await start({ concurrency: 1, maxCostUsd: 4 })
      const paused = async () => {
        await vi.waitFor(async () => {
          const { phase, paused: why, inFlight } = await handle.query(progressQuery)
          expect({ phase, why, inFlight }).toEqual({
            phase: 'paused',
            why: { reason: '$4 is spent', by: 'backtide' },
            inFlight: [],
          })
        }, EVENTUALLY)
      }
      await paused()
      expect(world.ledger.size).toBe(32)
      const loads = world.loads.length
      await handle.signal(resumeSignal)
      await vi.waitFor(() => expect(world.loads.length).toBe(loads + 1), EVENTUALLY)
      await paused()

      await expect(
        handle.executeUpdate(setBudgetUpdate, { args: [{ maxCostUsd: 0 }] }),
      ).rejects.toThrow()
      await handle.executeUpdate(setBudgetUpdate, { args: [{ maxCostUsd: 100 }] })
      expect((await handle.query(progressQuery)).maxCostUsd).toBe(100)
      await handle.signal(resumeSignal)
      expect(await handle.result()).toMatchObject({ outcome: 'complete', counts: { complete: 96 } })
      expect(world.loaded).toHaveLength(96)
    })
  })

  it('does not pause for a limit that was raised before its loads heard of it', async () => {
    const spent = { usd: 0 }
    const stop = payFor(spent)
    let raise: (() => Promise<unknown>) | undefined
    const beforeLoad = async () => {
      if (spent.usd === 4) await raise?.()
    }
    await withBench(temporal, { stop, beforeLoad }, async ({ start }) => {
      const handle = await start({ concurrency: 1, maxCostUsd: 4 })
      raise = () => handle.executeUpdate(setBudgetUpdate, { args: [{ maxCostUsd: 100 }] })
      expect(await handle.result()).toMatchObject({ outcome: 'complete', counts: { complete: 96 } })
      expect((await handle.query(progressQuery)).pausedMs).toBe(0)
    })
  })
})
