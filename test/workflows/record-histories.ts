/**
 * Records the histories that `replay.test.ts` replays. Run it when a shape is added, or before the
 * first release; afterwards a change that breaks a stored history uses Temporal's patching instead.
 *
 *     BACKTIDE_TEST_TEMPORAL=/path/to/temporal node --import tsx test/workflows/record-histories.ts
 */
import { ApplicationFailure } from '@temporalio/client'
import type { LoadInput } from '@backtide/core/backfill'
import { FAILURE } from '@backtide/core/failure'
import { DAY_MS } from '@backtide/core/range'
import { cancelSignal, pauseSignal, resumeSignal } from '@backtide/workflows/messages'
import { mkdir, writeFile } from 'node:fs/promises'
import { FIRST_DAY, withBench } from './backfill-bench.ts'
import type { Bench } from './backfill-bench.ts'
import { takenBy } from './fake-world.ts'
import type { FakeBehaviour } from './fake-world.ts'
import { createGate } from './gate.ts'
import { fetchHistories, historyFile } from './stored-history.ts'
import type { StoredShape } from './stored-history.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

const SHORT_RUNS = ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=40']

async function main(): Promise<void> {
  await mkdir(new URL('./histories/', import.meta.url), { recursive: true })
  const temporal = await startTemporal()
  try {
    await record(temporal, 'happy', {}, async ({ start }) => void (await (await start()).result()))
    await record(temporal, 'failed-day', { beforeLoad: failSixthHour }, async ({ start }) => {
      await (await start()).result()
    })
    await recordPaused(temporal)
    await recordCancelled(temporal)
  } finally {
    await temporal.close()
  }
  const short = await startTemporal(SHORT_RUNS)
  try {
    await record(short, 'continued-as-new', {}, async ({ start }) => {
      const range = { from: FIRST_DAY, to: FIRST_DAY + 10 * DAY_MS }
      await (await start({ range, objectsPerLoad: 24 })).result()
    })
  } finally {
    await short.close()
  }
}

async function recordPaused(temporal: TemporalEnvironment): Promise<void> {
  const gate = createGate()
  await record(temporal, 'paused', { beforeLoad: () => gate.opened }, async (bench) => {
    const handle = await startHeld(bench)
    await handle.signal(pauseSignal, { reason: 'recording' })
    gate.open()
    await handle.query('progress')
    await handle.signal(resumeSignal)
    await handle.result()
  })
}

async function recordCancelled(temporal: TemporalEnvironment): Promise<void> {
  const gate = createGate()
  await record(temporal, 'cancelled', { beforeLoad: () => gate.opened }, async (bench) => {
    const handle = await startHeld(bench)
    await handle.signal(cancelSignal)
    await handle.result().catch(() => undefined)
    gate.open()
  })
}

async function startHeld({ start, world }: Bench): ReturnType<Bench['start']> {
  const handle = await start()
  while (world.loads.length < 2) await handle.describe()
  return handle
}

async function failSixthHour(input: LoadInput): Promise<void> {
  const hour = FIRST_DAY + 5 * 3_600_000
  const { from, to } = takenBy(input)
  if (from > hour || hour >= to) return
  throw ApplicationFailure.nonRetryable('rows differ', FAILURE.unexpected)
}

async function record(
  temporal: TemporalEnvironment,
  shape: StoredShape,
  behaviour: FakeBehaviour,
  body: (bench: Bench) => Promise<void>,
): Promise<void> {
  await withBench(temporal, behaviour, async (bench) => {
    await body(bench)
    const histories = await fetchHistories(bench.client, bench.input.backfillId)
    await writeFile(historyFile(shape), `${JSON.stringify(histories)}\n`)
    process.stdout.write(`${shape}: ${histories.length} runs\n`)
  })
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
