import { oneLine, readPending } from '@backtide/api/temporal/pending'
import type { PendingActivity } from '@backtide/api/temporal/runs'
import { describe, expect, it } from 'vitest'
import { NOW, openApi, REQUEST } from './open-api.ts'

function failing(change: Partial<PendingActivity> = {}): PendingActivity {
  const error = 'SourceUnavailable: getaddrinfo ENOTFOUND archive'
  const dueAt = NOW + 20_000
  return { type: 'loadPartitions', atWork: false, attempt: 11, dueAt, error, ...change }
}

async function statusWith(pending: Readonly<Record<string, readonly PendingActivity[]>>) {
  const api = openApi()
  const { id } = (await api.post('/backfills', REQUEST)).body
  for (const [day, activities] of Object.entries(pending))
    api.runs.pending.set(day || id, activities)
  api.runs.loading = Object.keys(pending).filter((day) => day !== '')
  const { body } = await api.get(`/backfills/${id}`)
  return body
}

describe('What is tried again', () => {
  it('is in the status: its day, its attempt, why, and when it is tried next', async () => {
    const body = await statusWith({ 'load/t/2025-01-01': [failing()] })
    expect(body.retrying).toEqual([
      {
        day: '2025-01-01',
        activity: 'loadPartitions',
        attempt: 11,
        error: 'SourceUnavailable: getaddrinfo ENOTFOUND archive',
        nextTryAt: '2026-11-21T12:30:20Z',
        temporalUi: 'http://127.0.0.1:8233/namespaces/default/workflows/load%2Ft%2F2025-01-01',
      },
    ])
    expect(body.warnings).toContain(
      'a load fails and is tried again: SourceUnavailable: getaddrinfo ENOTFOUND archive',
    )
  })

  it('may be of the backfill itself, and at work now', async () => {
    const { dueAt: _, ...atWork } = failing({ type: 'preflight', atWork: true })
    const body = await statusWith({ '': [atWork] })
    expect(body.retrying).toMatchObject([{ day: null, activity: 'preflight', nextTryAt: null }])
    expect(body.warnings).toContainEqual(expect.stringMatching(/^the preflight fails/))
  })

  it('is named by reason once and by day twenty times at most, the most tried first', async () => {
    const days = Array.from({ length: 30 }, (_, index) => `load/t/2025-01-${index + 10}`)
    const body = await statusWith(
      Object.fromEntries(days.map((day, index) => [day, [failing({ attempt: index + 2 })]])),
    )
    const attempts = body.retrying.map(({ attempt }: { attempt: number }) => attempt)
    expect(attempts).toEqual(Array.from({ length: 20 }, (_, index) => 31 - index))
    expect(body.warnings.filter((text: string) => text.includes('tried again'))).toHaveLength(1)
  })

  it('is nothing when all go well', async () => {
    const { error: _, ...first } = failing({ attempt: 1, atWork: true })
    expect(await statusWith({ 'load/t/2025-01-01': [first] })).toMatchObject({ retrying: [] })
  })
})

function page(day: string): string {
  return `http://127.0.0.1:8233/namespaces/default/workflows/load%2Ft%2F${day}`
}

describe('What runs', () => {
  it('is in the status: the oldest load first, with its partition and its step', async () => {
    const load = { type: 'loadPartitions', atWork: true, attempt: 1 }
    const at = { step: 'loading', partition: Date.UTC(2025, 0, 2, 7) }
    const body = await statusWith({
      'load/t/2025-01-01': [{ ...load, startedAt: NOW - 1_000 }],
      'load/t/2025-01-02': [{ ...load, startedAt: NOW - 60_000, at }],
      '': [{ ...load, type: 'planDays', startedAt: NOW }],
    })
    expect(body.running).toEqual([
      {
        day: '2025-01-02',
        partition: '2025-01-02T07',
        step: 'loading',
        since: '2026-11-21T12:29:00Z',
        attempt: 1,
        temporalUi: page('2025-01-02'),
      },
      {
        day: '2025-01-01',
        partition: null,
        step: null,
        since: '2026-11-21T12:29:59Z',
        attempt: 1,
        temporalUi: page('2025-01-01'),
      },
    ])
  })
})

/** Reads what Temporal would say of a run with these pending activities. */
function read(pendingActivities: readonly object[]): readonly PendingActivity[] {
  return readPending({ raw: { pendingActivities } } as unknown as Parameters<typeof readPending>[0])
}

describe('What Temporal says of a pending activity', () => {
  it('is read as type, state, attempt and the reason of the last failure', () => {
    const lastFailure = {
      message: 'away',
      applicationFailureInfo: { type: 'StoreUnavailable' },
    }
    const activityType = { name: 'loadPartitions' }
    const scheduledTime = { seconds: 100, nanos: 5e8 }
    const lastStartedTime = { seconds: 101, nanos: 0 }
    const said = { step: 'verifying', partition: 3_600_000, unknown: 0 }
    const heartbeatDetails = { payloads: [{ data: Buffer.from(JSON.stringify(said)) }] }
    expect(
      read([
        { activityType, state: 1, attempt: 3, scheduledTime, lastFailure },
        { activityType, state: 2, attempt: 1, scheduledTime, lastStartedTime, heartbeatDetails },
      ]),
    ).toEqual([
      {
        type: 'loadPartitions',
        atWork: false,
        attempt: 3,
        dueAt: 100_500,
        error: 'StoreUnavailable: away',
      },
      {
        type: 'loadPartitions',
        atWork: true,
        attempt: 1,
        startedAt: 101_000,
        at: { step: 'verifying', partition: 3_600_000 },
      },
    ])
  })

  it('has no secrets of addresses, no control characters, one line and 300 characters', () => {
    const text = 'GET https://ann:secret@h/x?X-Amz-Signature=abc "failed"\n\u001B[31m at y'
    expect(oneLine(text)).toBe('GET https://h/x "failed" [31m at y')
    expect(oneLine('x'.repeat(400))).toHaveLength(300)
  })
})
