import { ApplicationFailure } from '@temporalio/client'
import { FAILURE } from '@backtide/core/failure'
import type { FollowInput, TurnPart, TurnReason, TurnResult } from '@backtide/core/follow'
import { FOLLOW_WORKFLOW, gapsWorkflowId } from '@backtide/core/ids'
import { DAY_MS } from '@backtide/core/range'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { FIRST_DAY, QUICK, withBench, type Bench } from './backfill-bench.ts'
import { createGate } from './gate.ts'
import { startTemporal, type TemporalEnvironment } from './temporal-environment.ts'

let temporal: TemporalEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
}, 60_000)
afterAll(() => temporal.close())

const EVENTUALLY = { timeout: 20_000, interval: 50 }

/** A part over one day of the bench. */
function part({ input }: Bench, why: TurnReason, day: number, name = why as string): TurnPart {
  const from = FIRST_DAY + day * DAY_MS
  const backfillId = `${input.backfillId}.${name}`
  return { why, backfill: { ...input, backfillId, range: { from, to: from + DAY_MS } } }
}

async function turn({ client, queue, input }: Bench): Promise<TurnResult> {
  const follow: FollowInput = {
    followId: `follow-${queue}`,
    dataset: input.dataset,
    coins: input.symbols,
    from: FIRST_DAY,
    everyMs: 1_000,
    recentDays: 7,
    indexed: false,
    objectsPerLoad: 24,
    loadQueue: input.loadQueue,
    tempo: QUICK,
  }
  const options = { workflowId: `turn-${crypto.randomUUID()}`, taskQueue: queue, args: [follow] }
  return (await client.execute(FOLLOW_WORKFLOW, options)) as TurnResult
}

it('a turn loads part by part, leaves gaps to a workflow beside it, and there is one of these', async () => {
  const gate = createGate()
  let parts: readonly TurnPart[] = []
  const behaviour = {
    turnParts: () => parts,
    beforeLoad: async ({ partitions }: { partitions: { from: number } }) => {
      if (partitions.from < FIRST_DAY + DAY_MS) await gate.opened
    },
  }
  await withBench(temporal, behaviour, async (bench) => {
    parts = [part(bench, 'newest', 3), part(bench, 'replaced', 2), part(bench, 'gaps', 0)]
    expect((await turn(bench)).parts).toMatchObject([
      { why: 'newest', outcome: 'complete' },
      { why: 'replaced', outcome: 'complete' },
      { why: 'gaps', outcome: 'started' },
    ])
    await vi.waitFor(
      () => expect(bench.world.loads.at(-1)?.partitions.from).toBe(FIRST_DAY),
      EVENTUALLY,
    )
    parts = [part(bench, 'newest', 1, 'newest-2'), part(bench, 'gaps', 0, 'gaps-2')]
    expect((await turn(bench)).parts).toMatchObject([
      { why: 'newest', outcome: 'complete' },
      { why: 'gaps', outcome: 'running' },
    ])
    gate.open()
    const gaps = bench.client.getHandle(gapsWorkflowId(`follow-${bench.queue}`))
    expect(await gaps.result()).toMatchObject({ outcome: 'complete' })
    expect(bench.world.loaded).toHaveLength(96)
  })
}, 60_000)

const preflight = async (): Promise<void> => {
  throw ApplicationFailure.nonRetryable('no access', FAILURE.accessDenied)
}

it('a turn with nothing to do starts nothing, and one whose backfill fails goes on', async () => {
  let parts: readonly TurnPart[] = []
  await withBench(temporal, { turnParts: () => parts, preflight }, async (bench) => {
    expect(await turn(bench)).toEqual({ parts: [] })
    parts = [part(bench, 'newest', 0), part(bench, 'missing', 1)]
    expect((await turn(bench)).parts).toMatchObject([
      { why: 'newest', outcome: 'failed', reason: 'no access' },
      { why: 'missing', outcome: 'failed', reason: 'no access' },
    ])
    expect(bench.world.loads).toEqual([])
  })
}, 60_000)
