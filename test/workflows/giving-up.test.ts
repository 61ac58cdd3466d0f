import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Context } from '@temporalio/activity'
import { dayWorkflowId } from '@backtide/core/ids'
import { DAY_MS } from '@backtide/core/range'
import { progressQuery } from '@backtide/workflows/messages'
import { FIRST_DAY, QUICK, withBench } from './backfill-bench.ts'
import { createGate } from './gate.ts'
import { holdDay } from './hold-days.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const EVENTUALLY = { timeout: 20_000, interval: 50 }
const ONE_DAY = { from: FIRST_DAY, to: FIRST_DAY + DAY_MS }
const NO_RESTART = { ...QUICK, dayRestarts: [] }

describe('a day that was terminated too often', { timeout: 60_000 }, () => {
  it('is recorded as failed by a child that has its id, and by nobody else', async () => {
    const gate = createGate()
    const writers: (string | undefined)[] = []
    const beforeRecord = async (): Promise<void> => {
      writers.push(Context.current().info.workflowExecution?.workflowId)
    }
    const behaviour = { beforeLoad: () => gate.opened, beforeRecord }
    await withBench(temporal, behaviour, async ({ start, world, client, input }) => {
      const id = dayWorkflowId(input.table, FIRST_DAY)
      const handle = await start({ range: ONE_DAY, tempo: NO_RESTART })
      await vi.waitFor(() => expect(world.loads).toHaveLength(1), EVENTUALLY)
      await client.getHandle(id).terminate('by hand')
      expect((await handle.result()).counts).toEqual({ failed: 24 })
      gate.open()

      expect(writers).toEqual([id])
      const { events } = await client.getHandle(id).fetchHistory()
      const recording = events?.find((event) => event.activityTaskScheduledEventAttributes)
      const { activityType, heartbeatTimeout } =
        recording?.activityTaskScheduledEventAttributes ?? {}
      expect(activityType?.name).toBe('recordFailure')
      expect(Number(heartbeatTimeout?.seconds)).toBe(QUICK.heartbeatTimeout / 1_000)
      expect(world.failures).toMatchObject([{ partitions: ONE_DAY }])
      const { days, counts } = await handle.query(progressQuery)
      expect(days).toMatchObject({ done: 0, failed: 1 })
      expect(counts).toEqual({ failed: 24 })
    })
  })

  it('is not recorded when another backfill has it by then', async () => {
    const gate = createGate()
    const behaviour = { beforeLoad: () => gate.opened }
    await withBench(temporal, behaviour, async ({ start, world, client, input }) => {
      const handle = await start({ range: ONE_DAY, tempo: NO_RESTART })
      await vi.waitFor(() => expect(world.loads).toHaveLength(1), EVENTUALLY)
      const holder = await holdDay({ client, input }, FIRST_DAY)
      await handle.result()
      gate.open()

      expect(world.failures).toEqual([])
      expect((await handle.query(progressQuery)).days).toMatchObject({ done: 0, failed: 1 })
      expect((await holder.describe()).status.name).toBe('RUNNING')
      await holder.terminate()
    })
  })
})
