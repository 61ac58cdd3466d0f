import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client'
import type { LoadInput } from '@backtide/core/backfill'
import { FAILURE } from '@backtide/core/failure'
import type { FailureType } from '@backtide/core/failure'
import { DAY_MS } from '@backtide/core/range'
import { progressQuery, resumeSignal } from '@backtide/workflows/messages'
import { FIRST_DAY, withBench } from './backfill-bench.ts'
import type { BackfillHandle } from './backfill-bench.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const EVENTUALLY = { timeout: 20_000, interval: 50 }
const TEN_DAYS = { from: FIRST_DAY, to: FIRST_DAY + 10 * DAY_MS }

/** Refuses the days of the given numbers until it is mended; all days without any. */
function refuse(type: FailureType, ...days: readonly number[]) {
  const state = { mended: false }
  const beforeLoad = async ({ partitions }: LoadInput): Promise<void> => {
    const day = Math.floor((partitions.from - FIRST_DAY) / DAY_MS)
    if (state.mended || (days.length > 0 && !days.includes(day))) return
    throw ApplicationFailure.nonRetryable('the token has expired', type)
  }
  return { state, beforeLoad }
}

async function pausedReason(handle: BackfillHandle): Promise<string> {
  return await vi.waitFor(async () => {
    const { paused, inFlight } = await handle.query(progressQuery)
    expect(paused?.reason).toBeDefined()
    expect(inFlight).toEqual([])
    return paused?.reason ?? ''
  }, EVENTUALLY)
}

describe('days that are refused', { timeout: 60_000 }, () => {
  it.each([FAILURE.accessDenied, FAILURE.badRequest])(
    'pause the backfill after the second in a row (%s), and are started again on resume',
    async (type) => {
      const { state, beforeLoad } = refuse(type)
      await withBench(temporal, { beforeLoad }, async ({ start, world }) => {
        const handle = await start({ range: TEN_DAYS, concurrency: 1 })
        const reason = await pausedReason(handle)
        expect(reason).toContain('2025-01-30 and 2025-01-31 refused')
        expect(reason).toContain('the token has expired')
        expect(reason).toContain('resume')
        expect(world.loads).toHaveLength(2)
        const { days, counts, paused } = await handle.query(progressQuery)
        expect(days).toEqual({ total: 10, planned: 2, done: 0, failed: 0, deferred: 2 })
        expect(counts).toEqual({})
        expect(paused?.by).toBe('backtide')

        state.mended = true
        await handle.signal(resumeSignal)
        expect((await handle.result()).counts).toEqual({ complete: 240 })
        const end = await handle.query(progressQuery)
        expect(end.days).toMatchObject({ done: 10, failed: 0 })
        expect(end.counts).toEqual({ complete: 240 })
      })
    },
  )

  it('in flight together are all started again, and no other is begun meanwhile', async () => {
    const { state, beforeLoad } = refuse(FAILURE.accessDenied)
    await withBench(temporal, { beforeLoad }, async ({ start, world }) => {
      const handle = await start({ range: TEN_DAYS, concurrency: 4 })
      await pausedReason(handle)
      const { days } = await handle.query(progressQuery)
      expect(days.failed).toBe(0)
      expect(days.deferred).toBe(days.planned)
      expect(days.planned).toBeLessThan(10)
      expect(world.loads).toHaveLength(days.planned)
      state.mended = true
      await handle.signal(resumeSignal)
      expect((await handle.result()).counts).toEqual({ complete: 240 })
    })
  })

  it('pause it again when they are resumed before anything was mended', async () => {
    const { state, beforeLoad } = refuse(FAILURE.accessDenied)
    await withBench(temporal, { beforeLoad }, async ({ start, world }) => {
      const handle = await start({ range: TEN_DAYS, concurrency: 1 })
      await pausedReason(handle)
      await handle.signal(resumeSignal)
      await vi.waitFor(() => expect(world.loads).toHaveLength(4), EVENTUALLY)
      await pausedReason(handle)
      expect((await handle.query(progressQuery)).days).toMatchObject({ failed: 0, deferred: 2 })
      state.mended = true
      await handle.signal(resumeSignal)
      expect((await handle.result()).outcome).toBe('complete')
    })
  })

  it('fail, each at its first start, where a day between them succeeds', async () => {
    const { beforeLoad } = refuse(FAILURE.accessDenied, 1, 3)
    await withBench(temporal, { beforeLoad }, async ({ start, world }) => {
      const handle = await start({ range: TEN_DAYS, concurrency: 1, objectsPerLoad: 24 })
      expect((await handle.result()).counts).toEqual({ complete: 192, failed: 48 })
      expect(world.loads).toHaveLength(10)
      expect((await handle.query(progressQuery)).days).toMatchObject({ done: 8, failed: 2 })
    })
  })

  it('abort at the first where that was asked for', async () => {
    const { beforeLoad } = refuse(FAILURE.accessDenied)
    await withBench(temporal, { beforeLoad }, async ({ start, world }) => {
      const handle = await start({ concurrency: 1, onFailure: 'abort' })
      const error: unknown = await handle.result().catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(WorkflowFailedError)
      expect((error as WorkflowFailedError).cause).toMatchObject({ type: FAILURE.aborted })
      expect(world.loads).toHaveLength(1)
    })
  })
})
