import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dayWorkflowId } from '@backtide/core/ids'
import { countDays, dayAt, partitionsOf } from '@backtide/core/partition'
import { withBench } from './backfill-bench.ts'
import { newestRunOf, runsOf } from './run-histories.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

describe('five years of hours of one coin', () => {
  it(
    'load every hour once, in few events a day, and no history reaches 10,000',
    { timeout: 300_000 },
    async () => {
      await withBench(temporal, {}, async ({ start, world, client, input }) => {
        const range = { from: Date.UTC(2020, 0, 1), to: Date.UTC(2025, 0, 1) }
        const began = Date.now()
        const handle = await start({ range, concurrency: 16, objectsPerLoad: 24, indexed: false })
        const accepted = Date.now() - began
        const result = await handle.result()
        const seconds = (Date.now() - began) / 1_000

        const hours = partitionsOf(range, 'hour')
        expect(accepted).toBeLessThan(1_000)
        expect(result.counts).toEqual({ complete: hours.length })
        expect(world.loads).toHaveLength(countDays(range))
        expect(world.loaded.toSorted((a, b) => a - b)).toEqual(hours)

        const runs = await runsOf(
          client,
          input.backfillId,
          await newestRunOf(client, input.backfillId),
        )
        const parents = runs.map(({ events }) => events)
        const children: number[] = []
        for (let index = 0; index < countDays(range); index += 1) {
          const id = dayWorkflowId(input.table, dayAt(range, 'oldest-first', index).from)
          children.push((await client.getHandle(id).describe()).historyLength)
        }
        expect(parents.length).toBeGreaterThan(1)
        expect(Math.max(...parents, ...children)).toBeLessThan(10_000)
        const sum = parents.reduce((total, events) => total + events, 0)
        expect(sum / children.length).toBeLessThan(6)
        expect(Math.max(...children)).toBeLessThan(16)
        process.stdout.write(
          `five years: ${seconds} s, runs of ${parents.join(', ')} events, ` +
            `${(sum / children.length).toFixed(1)} a day, at most ${Math.max(...children)} in a day\n`,
        )
      })
    },
  )
})
