import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApplicationFailure } from '@temporalio/client'
import { FAILURE } from '@backtide/core/failure'
import { DAY_MS } from '@backtide/core/range'
import { progressQuery } from '@backtide/workflows/messages'
import { FIRST_DAY, QUICK, withBench } from './backfill-bench.ts'
import type { BackfillHandle } from './backfill-bench.ts'
import { newestRunOf, runsOf } from './run-histories.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

const SHORT_RUNS = ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=150']

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal(SHORT_RUNS)
}, 60_000)
afterAll(() => temporal.close())

const DAYS = 120
const RANGE = { from: FIRST_DAY, to: FIRST_DAY + DAYS * DAY_MS }
const SERIES = Array.from({ length: 170 }, (_, index) => `LONGCOIN${index}USDT 15m`)

async function failWithManyWords(): Promise<void> {
  const reason = 'as long as a reason may be '.repeat(30)
  throw ApplicationFailure.nonRetryable(reason, FAILURE.unexpected)
}

describe('a backfill of 170 series', { timeout: 120_000 }, () => {
  it('hands on less than 100 kB when every day has failed, and writes less than 15 kB a day', async () => {
    await withBench(temporal, { beforeLoad: failWithManyWords }, async (bench) => {
      const { start, client, input } = bench
      const tempo = { ...QUICK, dayRestarts: [] }
      const options = {
        symbols: SERIES,
        granularity: 'day',
        range: RANGE,
        concurrency: 16,
      } as const
      const handle = await start({ ...options, tempo })
      await handle.result()
      const { days } = await handle.query(progressQuery)
      expect(days).toMatchObject({ failed: DAYS, done: 0, deferred: 0 })

      const last = await newestRunOf(client, input.backfillId)
      const runs = await runsOf(client, input.backfillId, last)
      const histories = await Promise.all(
        runs.map(({ runId }) => client.getHandle(input.backfillId, runId).fetchHistory()),
      )
      const handedOn = histories.map(inputBytes)
      const written = await Promise.all(
        runs.map(async ({ runId }) => {
          const { historySize } = await client.getHandle(input.backfillId, runId).describe()
          return historySize ?? Number.NaN
        }),
      )
      const aDay = written.reduce((sum, bytes) => sum + bytes, 0) / DAYS
      expect(runs.length).toBeGreaterThan(1)
      expect(Math.max(...handedOn)).toBeLessThan(100_000)
      expect(aDay).toBeLessThan(15_000)
      process.stdout.write(
        `170 series: runs handed on ${handedOn.join(', ')} bytes; ${aDay.toFixed(0)} bytes a day\n`,
      )
    })
  })
})

type History = Awaited<ReturnType<BackfillHandle['fetchHistory']>>

function inputBytes({ events }: History): number {
  const { input } = events?.[0]?.workflowExecutionStartedEventAttributes ?? {}
  return (input?.payloads ?? []).reduce((sum, { data }) => sum + (data?.length ?? 0), 0)
}
