import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client'
import type { LoadInput } from '@backtide/core/backfill'
import { FAILURE } from '@backtide/core/failure'
import type { FailureType } from '@backtide/core/failure'
import { dayWorkflowId } from '@backtide/core/ids'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import { progressQuery, resumeSignal, retryFailedUpdate } from '@backtide/workflows/messages'
import { FIRST_DAY, withBench } from './backfill-bench.ts'
import type { BackfillHandle } from './backfill-bench.ts'
import { takenBy } from './fake-world.ts'
import { createGate } from './gate.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const EVENTUALLY = { timeout: 20_000, interval: 50 }
const POISON = FIRST_DAY + 5 * HOUR_MS

/** A poisoned hour: whatever load holds it fails, until it is healed. */
function poison(type: FailureType = FAILURE.unexpected) {
  const state = { healed: false }
  const beforeLoad = async (input: LoadInput): Promise<void> => {
    const { from, to } = takenBy(input)
    const hit = from <= POISON && POISON < to
    if (hit && !state.healed) throw ApplicationFailure.nonRetryable('rows differ', type)
  }
  return { state, beforeLoad }
}

async function failureOf(handle: BackfillHandle): Promise<unknown> {
  const error: unknown = await handle.result().catch((caught: unknown) => caught)
  return error instanceof WorkflowFailedError ? error.cause : error
}

async function denyAccess(): Promise<void> {
  throw ApplicationFailure.nonRetryable('the access key is unknown', FAILURE.accessDenied)
}

function startsAt(hour: number) {
  return ({ partitions }: LoadInput): boolean => partitions.from === FIRST_DAY + hour * HOUR_MS
}

describe('failures of a backfill', { timeout: 60_000 }, () => {
  it('fails only the poisoned partition, after starting its day again', async () => {
    const { beforeLoad } = poison()
    await withBench(temporal, { beforeLoad }, async ({ start, world }) => {
      const handle = await start()
      const result = await handle.result()

      expect(result.outcome).toBe('incomplete')
      expect(result.counts).toEqual({ complete: 95, failed: 1 })
      expect(world.ledger.get(POISON)).toBe('failed')
      expect(new Set(world.loaded).size).toBe(95)
      expect(world.failures.map(({ partitions, reason }) => ({ partitions, reason }))).toEqual(
        Array.from({ length: 2 }, () => ({
          partitions: { from: POISON, to: POISON + HOUR_MS },
          reason: 'rows differ',
        })),
      )
      const { counts, rows, days } = await handle.query(progressQuery)
      expect(counts).toEqual({ complete: 95, failed: 1 })
      expect(rows).toBe(95)
      expect(days).toEqual({ total: 4, planned: 4, done: 3, failed: 1, deferred: 0 })
    })
  })

  it('counts a day that loads on its second start as done', async () => {
    const { state, beforeLoad } = poison()
    const heal = async (input: LoadInput): Promise<void> => {
      await beforeLoad(input).finally(() => {
        state.healed ||=
          input.partitions.to - input.partitions.from === HOUR_MS && startsAt(5)(input)
      })
    }
    await withBench(temporal, { beforeLoad: heal }, async ({ start, world }) => {
      const handle = await start()
      expect((await handle.result()).outcome).toBe('complete')
      expect(world.failures).toHaveLength(1)
      const { counts, days } = await handle.query(progressQuery)
      expect(counts).toEqual({ complete: 96 })
      expect(days).toMatchObject({ done: 4, failed: 0 })
    })
  })

  it('pauses itself at a failed day, and starts it again on resume', async () => {
    const { state, beforeLoad } = poison()
    await withBench(temporal, { beforeLoad }, async ({ start, world }) => {
      const handle = await start({ onFailure: 'pause', concurrency: 1 })
      await vi.waitFor(async () => {
        const { paused } = await handle.query(progressQuery)
        expect(paused?.reason).toContain('2025-01-30 failed: rows differ')
      }, EVENTUALLY)
      expect((await handle.query(progressQuery)).days.deferred).toBe(1)
      state.healed = true
      await handle.signal(resumeSignal)

      expect(await handle.result()).toMatchObject({ outcome: 'complete', rows: 96 })
      expect((await handle.query(progressQuery)).counts).toEqual({ complete: 96 })
      expect(world.ledger.get(POISON)).toBe('complete')
    })
  })

  it('aborts at a failed day: cancels the days in flight, starts no other, and fails', async () => {
    const { beforeLoad } = poison()
    const gate = createGate()
    const slowSecondDay = async (input: LoadInput): Promise<void> => {
      await beforeLoad(input)
      if (input.partitions.from >= FIRST_DAY + DAY_MS) await gate.opened
    }
    await withBench(temporal, { beforeLoad: slowSecondDay }, async (bench) => {
      const { start, world, client, input } = bench
      const handle = await start({ onFailure: 'abort', range: { ...input.range } })
      expect(await failureOf(handle)).toMatchObject({
        type: FAILURE.aborted,
        message: expect.stringContaining('2025-01-30 failed: rows differ'),
      })
      const second = await client
        .getHandle(dayWorkflowId(input.table, FIRST_DAY + DAY_MS))
        .describe()
      expect(second.status.name).toBe('CANCELLED')
      expect(world.finishes.map(({ outcome }) => outcome)).toEqual(['failed'])
      expect(world.finishes[0]?.reason).toContain('rows differ')
      gate.open()
    })
  })

  it('starts the failed days again when asked to, and refuses when there is none', async () => {
    const { state, beforeLoad } = poison()
    const gate = createGate()
    const slowLastDay = async (input: LoadInput): Promise<void> => {
      await beforeLoad(input)
      if (input.partitions.from >= FIRST_DAY + 3 * DAY_MS) await gate.opened
    }
    await withBench(temporal, { beforeLoad: slowLastDay }, async ({ start }) => {
      const handle = await start()
      await vi.waitFor(async () => {
        expect((await handle.query(progressQuery)).days.failed).toBe(1)
      }, EVENTUALLY)
      state.healed = true
      expect(await handle.executeUpdate(retryFailedUpdate)).toBe(1)
      await expect(handle.executeUpdate(retryFailedUpdate)).rejects.toMatchObject({
        cause: { message: 'no day of this backfill has failed' },
      })
      gate.open()

      expect((await handle.result()).outcome).toBe('complete')
      const { counts, days } = await handle.query(progressQuery)
      expect(counts).toEqual({ complete: 96 })
      expect(days).toMatchObject({ done: 4, failed: 0 })
    })
  })

  it('stops at a preflight that is denied access, and loads nothing', async () => {
    await withBench(temporal, { preflight: denyAccess }, async ({ start, world }) => {
      const handle = await start()
      expect(await failureOf(handle)).toMatchObject({
        type: FAILURE.accessDenied,
        message: 'the access key is unknown',
      })
      expect(world.loads).toEqual([])
      const ends = world.finishes.map(({ outcome, reason }) => ({ outcome, reason }))
      expect(ends).toEqual([{ outcome: 'failed', reason: 'the access key is unknown' }])
    })
  })

  it('fails a day at once where access is denied, and records the rest of it as failed', async () => {
    const { beforeLoad } = poison(FAILURE.accessDenied)
    await withBench(temporal, { beforeLoad }, async ({ start, world, client, input }) => {
      const range = { from: FIRST_DAY, to: FIRST_DAY + DAY_MS }
      const handle = await start({ range, objectsPerLoad: 4 })
      const result = await handle.result()

      expect(result.counts).toEqual({ complete: 4, failed: 20 })
      expect(world.loads).toHaveLength(2)
      const child = client.getHandle(dayWorkflowId(input.table, FIRST_DAY))
      await expect(child.result()).rejects.toMatchObject({ cause: { type: FAILURE.accessDenied } })
      expect((await handle.query(progressQuery)).counts).toEqual({ complete: 4, failed: 20 })
    })
  })

  it('starts a day again that an operator terminated', async () => {
    const gate = createGate()
    await withBench(temporal, { beforeLoad: () => gate.opened }, async (bench) => {
      const { start, world, client, input } = bench
      const handle = await start({ range: { from: FIRST_DAY, to: FIRST_DAY + DAY_MS } })
      await vi.waitFor(() => expect(world.loads).toHaveLength(1), EVENTUALLY)
      await client.getHandle(dayWorkflowId(input.table, FIRST_DAY)).terminate('by hand')
      await vi.waitFor(() => expect(world.loads).toHaveLength(2), EVENTUALLY)
      gate.open()

      expect((await handle.result()).outcome).toBe('complete')
      expect(world.ledger.size).toBe(24)
      expect(world.failures).toEqual([])
    })
  })

  it('has the ledger say why a day failed that was terminated each time', async () => {
    const gate = createGate()
    await withBench(temporal, { beforeLoad: () => gate.opened }, async (bench) => {
      const { start, world, client, input } = bench
      const range = { from: FIRST_DAY, to: FIRST_DAY + DAY_MS }
      const handle = await start({ range })
      for (const times of [1, 2]) {
        await vi.waitFor(() => expect(world.loads).toHaveLength(times), EVENTUALLY)
        await client.getHandle(dayWorkflowId(input.table, FIRST_DAY)).terminate('by hand')
      }
      const result = await handle.result()
      gate.open()

      expect(result.counts).toEqual({ failed: 24 })
      expect(world.failures.map(({ partitions }) => partitions)).toEqual([range])
      expect((await handle.query(progressQuery)).days).toMatchObject({ done: 0, failed: 1 })
    })
  })

  it('outlasts weather: a load that fails over and over is tried until it succeeds', async () => {
    let tries = 0
    const beforeLoad = async (): Promise<void> => {
      tries += 1
      if (tries < 7) throw ApplicationFailure.retryable('503', FAILURE.sourceUnavailable)
    }
    await withBench(temporal, { beforeLoad }, async ({ start }) => {
      const range = { from: FIRST_DAY, to: FIRST_DAY + DAY_MS }
      const handle = await start({ range, objectsPerLoad: 24 })
      expect(await handle.result()).toMatchObject({ outcome: 'complete', rows: 24 })
      expect(tries).toBe(7)
    })
  })
})
