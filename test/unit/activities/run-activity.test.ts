import { createActivityMetrics } from '@backtide/activities/metrics'
import { asFailure, runActivity, type Running } from '@backtide/activities/run-activity'
import { AccessDeniedError, SourceUnavailableError } from '@backtide/activities/objects/errors'
import { FAILURE } from '@backtide/core/failure'
import { StoreRefusedError, StoreUnavailableError } from '@backtide/store/errors'
import { CompleteAsyncError } from '@temporalio/activity'
import { ActivityCancelledError, ActivityNotFoundError, type Client } from '@temporalio/client'
import type { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { describe, expect, it } from 'vitest'

/** Temporal as an activity's heartbeats see it. */
interface FakeTemporal {
  readonly client: Client
  /** What the next heartbeats are answered with; the last one for ever. */
  answers: (() => Promise<void>)[]
  readonly beats: object[]
  cancellations: number
}

const yes = () => Promise.resolve()
const withDeadline = async <T>(_: number, call: () => Promise<T>) => await call()
const fail = () => Promise.reject(new TypeError('x is not a function'))
const storm = () => Promise.reject(new StoreUnavailableError('away'))

function createTemporal(): FakeTemporal {
  const fake: Omit<FakeTemporal, 'client'> = { answers: [yes], beats: [], cancellations: 0 }
  const activity = {
    heartbeat: async (_: Uint8Array, details: object) => {
      fake.beats.push(details)
      const [answer] = fake.answers.length > 1 ? fake.answers.splice(0, 1) : fake.answers
      await answer?.()
    },
    reportCancellation: () => {
      fake.cancellations += 1
      return Promise.resolve()
    },
  }
  return Object.assign(fake, { client: { activity, withDeadline } as unknown as Client })
}

/** Runs a body as an activity whose last attempt left these details. */
async function run<T>(
  temporal: FakeTemporal,
  body: (running: Running) => Promise<T>,
  info: { heartbeatTimeoutMs?: number; heartbeatDetails?: unknown } = { heartbeatTimeoutMs: 60 },
): Promise<T> {
  const environment = new MockActivityEnvironment(
    { taskToken: new Uint8Array(), ...info },
    { logger: new DefaultLogger('ERROR', () => {}) },
  )
  return (await environment.run(() =>
    runActivity({ temporal: temporal.client, metrics: createActivityMetrics() }, body),
  )) as T
}

async function failureOf(running: Promise<unknown>): Promise<ApplicationFailure> {
  return await running.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error as ApplicationFailure,
  )
}

describe('an activity with a heartbeat', () => {
  it('may write once Temporal has answered', async () => {
    await run(createTemporal(), async ({ fence }) => {
      await fence.wait()
      expect(fence.isOpen).toBe(true)
    })
  })

  it('may not write any more, and stops, when Temporal does not know its attempt', async () => {
    const temporal = createTemporal()
    temporal.answers = [yes, () => Promise.reject(new ActivityNotFoundError('gone'))]
    const failure = await failureOf(
      run(temporal, async ({ fence, signal }) => {
        await fence.wait()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        await expect(fence.wait()).rejects.toThrow(/may not write any more/)
        signal.throwIfAborted()
      }),
    )
    expect(failure).toMatchObject({ type: 'LeaseLost', nonRetryable: false })
  })

  it('that hears of its cancellation first reports it itself, so that the workflow ends as cancelled', async () => {
    const temporal = createTemporal()
    temporal.answers = [yes, () => Promise.reject(new ActivityCancelledError('cancelled'))]
    const ended = run(temporal, async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      throw new Error('whatever an aborted body throws')
    })
    await expect(ended).rejects.toThrow(CompleteAsyncError)
    expect(temporal.cancellations).toBe(1)
  })

  it('goes on while Temporal does not answer', async () => {
    const temporal = createTemporal()
    temporal.answers = [yes, () => Promise.reject(new Error('14 UNAVAILABLE')), yes]
    await run(temporal, async ({ fence, signal }) => {
      await fence.wait()
      while (temporal.beats.length < 4) await new Promise((resolve) => setImmediate(resolve))
      expect(signal.aborted).toBe(false)
    })
  })
})

describe('an error that nobody expected', () => {
  it('is tried again, and counted where the next attempt finds it', async () => {
    const temporal = createTemporal()
    const failure = await failureOf(run(temporal, fail, { heartbeatDetails: { unknown: 2 } }))
    expect(failure).toMatchObject({ type: 'Unknown', nonRetryable: false })
    expect(temporal.beats.at(-1)).toEqual({ unknown: 3 })
  })

  it('is final the fifth time, however often there was weather in between', async () => {
    const failure = await failureOf(
      run(createTemporal(), fail, { heartbeatDetails: { unknown: 4 } }),
    )
    expect(failure).toMatchObject({ type: FAILURE.unexpected, nonRetryable: true })
  })

  it('is not what weather counts as', async () => {
    const temporal = createTemporal()
    const failure = await failureOf(run(temporal, storm, { heartbeatDetails: { unknown: 4 } }))
    expect(failure).toMatchObject({ type: FAILURE.storeUnavailable, nonRetryable: false })
    expect(temporal.beats).toEqual([])
  })
})

describe('the failure that an error is reported as', () => {
  it.each([
    [new SourceUnavailableError('x'), FAILURE.sourceUnavailable, false],
    [new StoreUnavailableError('x'), FAILURE.storeUnavailable, false],
    [new AccessDeniedError('b', 'x'), FAILURE.accessDenied, true],
    [new StoreRefusedError('x', 'SELECT'), FAILURE.badRequest, true],
    [Object.assign(new Error('x'), { name: 'CredentialsProviderError' }), 'Unknown', false],
  ])('of %o is known', (error, type, nonRetryable) => {
    expect(asFailure(error, 1)).toMatchObject({ type, nonRetryable })
  })
})
