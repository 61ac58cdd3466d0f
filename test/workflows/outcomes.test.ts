import { ApplicationFailure } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { FAILURE } from '@backtide/core/failure'
import { DAY_MS } from '@backtide/core/range'
import { pauseSignal, progressQuery, resumeSignal } from '@backtide/workflows/messages'
import { OUTCOME_ATTRIBUTE, PHASE_ATTRIBUTE } from '@backtide/workflows/search-attributes'
import { FIRST_DAY, withBench } from './backfill-bench.ts'
import type { BackfillHandle } from './backfill-bench.ts'
import { createGate } from './gate.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 120_000)
afterAll(() => temporal.close())

const ONE_DAY = { from: FIRST_DAY, to: FIRST_DAY + DAY_MS }
const TOLD = { range: ONE_DAY, outcomes: true }
const refuse = async (): Promise<never> => {
  throw ApplicationFailure.nonRetryable('rows differ', FAILURE.unexpected)
}

/** What lists show of a backfill once it has ended. */
async function shownOf(handle: BackfillHandle): Promise<object> {
  await handle.result().catch(() => undefined)
  const { typedSearchAttributes: shown } = await handle.describe()
  return { phase: shown.get(PHASE_ATTRIBUTE), outcome: shown.get(OUTCOME_ATTRIBUTE) }
}

describe('A backfill that has ended', { timeout: 60_000 }, () => {
  it('is done and complete, and says so to whoever asks it', async () => {
    await withBench(temporal, {}, async ({ start }) => {
      const handle = await start(TOLD)
      expect(await shownOf(handle)).toEqual({ phase: 'done', outcome: 'complete' })
      expect((await handle.query(progressQuery)).phase).toBe('done')
    })
  })

  it.each([
    ['incomplete', 'continue'],
    ['aborted', 'abort'],
  ] as const)('is done and %s with a failed day and onFailure %s', async (outcome, onFailure) => {
    await withBench(temporal, { beforeLoad: refuse }, async ({ start }) => {
      const handle = await start({ ...TOLD, onFailure })
      expect(await shownOf(handle)).toEqual({ phase: 'done', outcome })
    })
  })

  it('is done and cancelled when somebody cancelled it', async () => {
    const gate = createGate()
    await withBench(temporal, { beforeLoad: () => gate.opened }, async ({ start, world }) => {
      const handle = await start(TOLD)
      await vi.waitFor(() => expect(world.loads).toHaveLength(1), { timeout: 30_000 })
      await handle.cancel()
      expect(await shownOf(handle)).toEqual({ phase: 'done', outcome: 'cancelled' })
      gate.open()
    })
  })

  it('keeps its last phase and has no outcome where nobody knew of outcomes when it began', async () => {
    await withBench(temporal, {}, async ({ start }) => {
      const handle = await start({ range: ONE_DAY })
      expect(await shownOf(handle)).toEqual({ phase: 'finishing', outcome: undefined })
    })
  })
})

describe('What the preflight finds odd', { timeout: 60_000 }, () => {
  it('is told while the backfill runs, and with its end', async () => {
    const gate = createGate()
    const behaviour = { warnings: ['no such coin.'], beforeLoad: () => gate.opened }
    await withBench(temporal, behaviour, async ({ start, world }) => {
      const handle = await start(TOLD)
      await vi.waitFor(() => expect(world.loads).toHaveLength(1), { timeout: 30_000 })
      expect((await handle.query(progressQuery)).warnings).toEqual(['no such coin.'])
      gate.open()
      expect(await handle.result()).toMatchObject({ reason: 'no such coin.' })
      expect(world.finishes).toMatchObject([{ outcome: 'finished', reason: 'no such coin.' }])
    })
  })
})

describe('A paused backfill', { timeout: 60_000 }, () => {
  it('says since when, and afterwards for how long it was paused', async () => {
    const gate = createGate()
    await withBench(temporal, { beforeLoad: () => gate.opened }, async ({ start, world }) => {
      const handle = await start(TOLD)
      await vi.waitFor(() => expect(world.loads).toHaveLength(1), { timeout: 30_000 })
      await handle.signal(pauseSignal)
      await handle.signal(pauseSignal)
      const { pausedSince = 0 } = await handle.query(progressQuery)
      expect(pausedSince).toBeGreaterThan(0)
      await handle.signal(resumeSignal)
      const { pausedMs, ...after } = await handle.query(progressQuery)
      expect(after).not.toHaveProperty('pausedSince')
      expect(pausedMs).toBeGreaterThan(0)
      gate.open()
      await handle.result()
    })
  })
})
