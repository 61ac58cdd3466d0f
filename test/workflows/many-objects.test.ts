import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countDays, partitionsOf } from '@backtide/core/partition'
import { withBench } from './backfill-bench.ts'
import { newestRunOf, runsOf } from './run-histories.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const COINS = Array.from({ length: 170 }, (_, index) => `COIN${index}`)
const YEAR = { from: Date.UTC(2024, 0, 1), to: Date.UTC(2025, 0, 1) }

describe('a year of hours of 170 coins', () => {
  it(
    'is 1.5 million objects, in few events a day and bounded memory',
    { timeout: 600_000 },
    async () => {
      await withBench(temporal, {}, async ({ start, world, client, input }) => {
        const memory = watchMemory()
        const began = Date.now()
        const handle = await start({
          symbols: COINS,
          range: YEAR,
          concurrency: 16,
          // A day at once: what is measured is the backfill, day-loads.test.ts has the loads of a day.
          objectsPerLoad: 24 * COINS.length,
          indexed: false,
        })
        await handle.result()
        const seconds = (Date.now() - began) / 1_000
        const megabytes = memory.stop()

        const hours = partitionsOf(YEAR, 'hour')
        const objects = world.loads.reduce((sum, load) => {
          return sum + partitionsOf(load.partitions, 'hour').length * load.symbols.length
        }, 0)
        expect(objects).toBe(hours.length * COINS.length)
        expect(objects).toBeGreaterThan(1_490_000)
        expect(world.loaded.toSorted((a, b) => a - b)).toEqual(hours)

        const last = await newestRunOf(client, input.backfillId)
        const events = (await runsOf(client, input.backfillId, last)).map((run) => run.events)
        const aDay = events.reduce((sum, count) => sum + count, 0) / countDays(YEAR)
        expect(Math.max(...events)).toBeLessThan(10_000)
        expect(aDay).toBeLessThan(6)
        expect(megabytes).toBeLessThan(400)
        process.stdout.write(
          `${objects} objects: ${seconds} s, runs of ${events.join(', ')} events, ` +
            `${aDay.toFixed(1)} a day; ${megabytes} MB more than before\n`,
        )
      })
    },
  )
})

/** The most memory of the process beyond what it has now, in megabytes. */
function watchMemory() {
  const before = process.memoryUsage().rss
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 100)
  return {
    stop: () => {
      clearInterval(timer)
      return Math.round((most - before) / 1e6)
    },
  }
}
