import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ApplicationFailure } from '@temporalio/client'
import { FAILURE } from '@backtide/core/failure'
import { dayWorkflowId } from '@backtide/core/ids'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import { FIRST_DAY, QUICK, withBench } from './backfill-bench.ts'
import type { FakeWorld } from './fake-world.ts'
import { createGate } from './gate.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const EVENTUALLY = { timeout: 20_000, interval: 50 }
const ONE_DAY = { from: FIRST_DAY, to: FIRST_DAY + DAY_MS }

/** First hour and length in hours of what every load was given. */
function given({ loads }: FakeWorld): readonly (readonly [from: number, hours: number])[] {
  return loads.map(({ partitions: { from, to } }) => [
    (from - FIRST_DAY) / HOUR_MS,
    (to - from) / HOUR_MS,
  ])
}

describe('the checkpoints of a day', { timeout: 60_000 }, () => {
  it('are where its loads end: each next one is given what is left of the day', async () => {
    const behaviour = { partitionsPerLoad: 10 }
    await withBench(temporal, behaviour, async ({ start, world, input }) => {
      const result = await (await start({ range: ONE_DAY })).result()
      expect(result.counts).toEqual({ complete: 24 })
      expect(given(world)).toEqual([
        [0, 24],
        [10, 14],
        [20, 4],
      ])
      expect(world.loads.every(({ objects }) => objects === input.objectsPerLoad)).toBe(true)
    })
  })

  it('keep what was loaded when a later load is lost with its day', async () => {
    const gate = createGate()
    let begun = 0
    const beforeLoad = async (): Promise<void> => {
      begun += 1
      if (begun === 2) await gate.opened
    }
    await withBench(temporal, { beforeLoad }, async ({ start, world, client, input }) => {
      const handle = await start({ range: ONE_DAY })
      await vi.waitFor(() => expect(begun).toBe(2), EVENTUALLY)
      const day = client.getHandle(dayWorkflowId(input.table, FIRST_DAY))
      const details = JSON.stringify(await day.query('__temporal_workflow_metadata'))
      expect(details).toContain('2025-01-30T08:00:00Z')
      await day.terminate('by hand')
      gate.open()
      expect((await handle.result()).counts).toEqual({ complete: 24 })
      expect(world.loaded).toHaveLength(24)
    })
  })

  it('after a load that failed for good are one partition apart, so that only the poisoned one fails', async () => {
    const poison = FIRST_DAY + 11 * HOUR_MS
    const beforeLoad = async ({ partitions: { from, to } }: { partitions: typeof ONE_DAY }) => {
      if (from > poison || to <= poison || from < FIRST_DAY + 8 * HOUR_MS) return
      throw ApplicationFailure.nonRetryable('a poisoned hour', FAILURE.unexpected)
    }
    await withBench(temporal, { beforeLoad }, async ({ start, world }) => {
      const tempo = { ...QUICK, dayRestarts: [] }
      const result = await (await start({ range: ONE_DAY, tempo })).result()
      expect(result.counts).toEqual({ complete: 23, failed: 1 })
      expect(given(world).slice(0, 3)).toEqual([
        [0, 24],
        [8, 16],
        [8, 1],
      ])
      expect(given(world).slice(3)).toEqual(Array.from({ length: 15 }, (_, hour) => [hour + 9, 1]))
      expect(world.failures.map(({ partitions }) => partitions)).toEqual([
        { from: poison, to: poison + HOUR_MS },
      ])
    })
  })

  it.each([
    ['where it began', FIRST_DAY],
    ['after the end of the day', FIRST_DAY + DAY_MS + HOUR_MS],
    ['nowhere', Number.NaN],
  ])('fail the day as unexpected when a load says it ended %s', async (_, until) => {
    await withBench(temporal, { untilOf: () => until }, async ({ start, world }) => {
      const tempo = { ...QUICK, dayRestarts: [] }
      const handle = await start({ range: ONE_DAY, tempo })
      await handle.result()
      expect(world.loads).toHaveLength(1)
      expect(world.failures).toMatchObject([
        { partitions: ONE_DAY, reason: expect.stringContaining('a load of 2025-01-30T00:00:00Z') },
      ])
    })
  })
})
