import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultPayloadConverter } from '@temporalio/common'
import { FINAL_FAILURES } from '@backtide/core/failure'
import { dayWorkflowId } from '@backtide/core/ids'
import { DAY_MS } from '@backtide/core/range'
import { FIRST_DAY, QUICK, withBench } from './backfill-bench.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const ONE_DAY = { from: FIRST_DAY, to: FIRST_DAY + DAY_MS }

describe('the loads of a day', { timeout: 60_000 }, () => {
  it('are retried without an attempt limit or a schedule-to-close, on their own queue', async () => {
    await withBench(temporal, {}, async ({ start, client, input }) => {
      await (await start({ range: ONE_DAY })).result()
      const child = client.getHandle(dayWorkflowId(input.table, FIRST_DAY))
      const { events } = await child.fetchHistory()
      const scheduled = (events ?? []).flatMap((event) =>
        event.activityTaskScheduledEventAttributes ? [event] : [],
      )
      expect(scheduled).toHaveLength(3)
      for (const { activityTaskScheduledEventAttributes: load } of scheduled) {
        expect(load?.taskQueue?.name).toBe(input.loadQueue)
        expect(load?.retryPolicy?.maximumAttempts ?? 0).toBe(0)
        expect(load?.retryPolicy?.backoffCoefficient).toBe(2)
        expect(load?.retryPolicy?.nonRetryableErrorTypes).toEqual([...FINAL_FAILURES])
        expect(milliseconds(load?.retryPolicy?.initialInterval)).toBe(QUICK.retryInitialInterval)
        expect(milliseconds(load?.retryPolicy?.maximumInterval)).toBe(QUICK.retryMaximumInterval)
        expect(milliseconds(load?.startToCloseTimeout)).toBe(QUICK.loadTimeout)
        expect(milliseconds(load?.heartbeatTimeout)).toBe(QUICK.heartbeatTimeout)
        // The server writes 0 for "no limit".
        expect(milliseconds(load?.scheduleToCloseTimeout)).toBe(0)
      }
      const summaries = scheduled.map(({ userMetadata }) =>
        userMetadata?.summary ? defaultPayloadConverter.fromPayload(userMetadata.summary) : '',
      )
      expect(summaries).toEqual(['hours 00–23 · BTC', 'hours 08–23 · BTC', 'hours 16–23 · BTC'])
    })
  })

  it('of 170 coins are one an hour, and the history of the day stays under 10,000 events', async () => {
    const symbols = Array.from({ length: 170 }, (_, index) => `COIN${index}`)
    await withBench(temporal, {}, async ({ start, world, client, input }) => {
      await (await start({ range: ONE_DAY, symbols, objectsPerLoad: 40 })).result()
      const child = client.getHandle(dayWorkflowId(input.table, FIRST_DAY))
      const { historyLength } = await child.describe()

      expect(world.loads).toHaveLength(24)
      expect(historyLength).toBeGreaterThan(24 * 3)
      expect(historyLength).toBeLessThan(10_000)
      process.stdout.write(`a day of 170 coins: ${historyLength} events\n`)
    })
  })

  it('are found in the Web UI by backfill, dataset and day', async () => {
    await withBench(temporal, {}, async ({ start, client, input }) => {
      await (await start({ range: ONE_DAY })).result()
      const child = await client.getHandle(dayWorkflowId(input.table, FIRST_DAY)).describe()
      expect(child.searchAttributes).toMatchObject({
        BacktideBackfill: [input.backfillId],
        BacktideDataset: ['test.books'],
        BacktideDay: [new Date(FIRST_DAY)],
      })
      const parent = await client.getHandle(input.backfillId).describe()
      expect(parent.searchAttributes).toMatchObject({
        BacktideBackfill: [input.backfillId],
        BacktidePhase: ['finishing'],
        BacktideFailed: [0],
      })
    })
  })
})

function milliseconds(
  duration: { seconds?: { toString(): string } | null; nanos?: number | null } | null | undefined,
): number {
  return Number(duration?.seconds?.toString() ?? 0) * 1_000 + (duration?.nanos ?? 0) / 1_000_000
}
