/**
 * Records the histories that `replay.test.ts` replays. Run it when a shape is added, or before the
 * first release; afterwards a change that breaks a stored history uses Temporal's patching instead.
 *
 *     BACKTIDE_TEST_TEMPORAL=/path/to/temporal node --import tsx test/workflows/record-histories.ts
 */
import { ApplicationFailure } from '@temporalio/client'
import type { LoadInput } from '@backtide/core/backfill'
import { FAILURE } from '@backtide/core/failure'
import { dayWorkflowId } from '@backtide/core/ids'
import { DAY_MS } from '@backtide/core/range'
import {
  cancelSignal,
  pauseSignal,
  progressQuery,
  resumeSignal,
  retryFailedUpdate,
} from '@backtide/workflows/messages'
import { mkdir, writeFile } from 'node:fs/promises'
import { FIRST_DAY, QUICK, withBench } from './backfill-bench.ts'
import type { Bench } from './backfill-bench.ts'
import { takenBy } from './fake-world.ts'
import type { FakeBehaviour } from './fake-world.ts'
import { createGate } from './gate.ts'
import { holdDays } from './hold-days.ts'
import { fetchHistories, historyFile } from './stored-history.ts'
import type { StoredShape } from './stored-history.ts'
import { startTemporal } from './temporal-environment.ts'
import type { TemporalEnvironment } from './temporal-environment.ts'

const SHORT_RUNS = ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=40']
const ONE_DAY = { from: FIRST_DAY, to: FIRST_DAY + DAY_MS }

async function main(): Promise<void> {
  await mkdir(new URL('./histories/', import.meta.url), { recursive: true })
  const temporal = await startTemporal()
  try {
    await record(temporal, 'happy', {}, async ({ start }) => void (await (await start()).result()))
    await recordFailures(temporal)
    await recordPaused(temporal)
    await recordRefused(temporal)
    await recordHeld(temporal)
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

async function recordFailures(temporal: TemporalEnvironment): Promise<void> {
  const poison = { beforeLoad: failSixthHour }
  await record(temporal, 'failed-day', poison, async ({ start }) => {
    await (await start()).result()
  })
  await record(temporal, 'aborted', poison, async ({ start }) => {
    await (await start({ onFailure: 'abort' })).result().catch(() => undefined)
  })
  const gate = createGate()
  const holdLastDay = async (input: LoadInput): Promise<void> => {
    await failSixthHour(input)
    if (input.partitions.from >= FIRST_DAY + 3 * DAY_MS) await gate.opened
  }
  await record(temporal, 'retried', { beforeLoad: holdLastDay }, async ({ start }) => {
    const handle = await start()
    while ((await handle.query(progressQuery)).days.failed < 1) await handle.describe()
    await handle.executeUpdate(retryFailedUpdate)
    gate.open()
    await handle.result()
  })
  const held = createGate()
  await record(temporal, 'given-up', { beforeLoad: () => held.opened }, async (bench) => {
    const tempo = { ...QUICK, dayRestarts: [] }
    const handle = await bench.start({ range: ONE_DAY, tempo })
    while (bench.world.loads.length < 1) await handle.describe()
    await bench.client.getHandle(dayWorkflowId(bench.input.table, FIRST_DAY)).terminate()
    await handle.result()
    held.open()
  })
}

/** Paused in the middle of two days, both handed back and gone on with. */
async function recordPaused(temporal: TemporalEnvironment): Promise<void> {
  const gate = createGate()
  await record(temporal, 'paused', { beforeLoad: () => gate.opened }, async (bench) => {
    const handle = await startHeld(bench)
    await handle.signal(pauseSignal, { reason: 'recording' })
    const days = [FIRST_DAY, FIRST_DAY + DAY_MS].map((day) =>
      bench.client.getHandle(dayWorkflowId(bench.input.table, day)),
    )
    for (const day of days) {
      const told = async () => (await day.fetchHistory()).events?.some(isSignal) ?? false
      while (!(await told())) await day.describe()
    }
    gate.open()
    while ((await handle.query(progressQuery)).inFlight.length > 0) await handle.describe()
    await handle.signal(resumeSignal)
    await handle.result()
  })
}

function isSignal(event: { readonly workflowExecutionSignaledEventAttributes?: unknown }): boolean {
  return Boolean(event.workflowExecutionSignaledEventAttributes)
}

async function recordRefused(temporal: TemporalEnvironment): Promise<void> {
  let mended = false
  const beforeLoad = async (): Promise<void> => {
    if (!mended) throw ApplicationFailure.nonRetryable('refused', FAILURE.accessDenied)
  }
  await record(temporal, 'refused', { beforeLoad }, async ({ start }) => {
    const handle = await start()
    while (!(await handle.query(progressQuery)).paused) await handle.describe()
    mended = true
    await handle.signal(resumeSignal)
    await handle.result()
  })
}

async function recordHeld(temporal: TemporalEnvironment): Promise<void> {
  await record(temporal, 'held', {}, async (bench) => {
    const range = { from: FIRST_DAY, to: FIRST_DAY + 60 * DAY_MS }
    const free = await holdDays(bench, { ...range, to: FIRST_DAY + 55 * DAY_MS })
    const tempo = { ...QUICK, deferInitial: 500, deferMaximum: 1_000 }
    const handle = await bench.start({ range, concurrency: 8, objectsPerLoad: 24, tempo })
    while (bench.world.loads.length < 5) await handle.describe()
    await free()
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
