import { describe, expect, it } from 'vitest'
import { finish, openApi, REQUEST } from './open-api.ts'

const keyed = (key: string) => ({ 'Idempotency-Key': key })
const idsOf = (answers: readonly { body: { id: string } }[]) =>
  new Set(answers.map((answer) => answer.body.id))

describe('A request is accepted', () => {
  it('with 202, its Location and its status', async () => {
    const api = openApi()
    const answer = await api.post('/backfills', REQUEST)
    expect(answer.status).toBe(202)
    expect(answer.headers.get('location')).toBe(`/backfills/${answer.body.id}`)
    expect(answer.body).toMatchObject({
      dataset: 'test.hourly',
      coins: ['BTC', 'ETH'],
      from: '2025-01-01T00:00:00Z',
      to: '2025-01-02T00:00:00Z',
      order: 'oldest-first',
      reprocess: 'incomplete',
      onFailure: 'continue',
      concurrency: 4,
      state: 'running',
      total: 48,
      remaining: 48,
      createdAt: '2026-11-21T12:30:00Z',
      endedAt: null,
      temporalUi: `http://127.0.0.1:8233/namespaces/default/workflows/${answer.body.id}`,
    })
    expect(answer.body.id).toMatch(/^test\.hourly\.20250101T00\.20250102T00\.[0-9a-f]{8}$/)
  })

  it('as workflow input that is resolved and equal to what the table keeps', async () => {
    const api = openApi()
    const { body } = await api.post('/backfills', { ...REQUEST, coins: ['ETH', 'BTC', 'ETH'] })
    const record = api.store.backfills.get(body.id)
    expect(api.runs.started).toEqual([
      expect.objectContaining({
        backfillId: body.id,
        table: 't',
        granularity: 'hour',
        symbols: ['BTC', 'ETH'],
        range: { from: Date.UTC(2025, 0, 1), to: Date.UTC(2025, 0, 2) },
        objectsPerLoad: 96,
        loadQueue: 'backtide-load',
        indexed: true,
        createdAt: record?.createdAt,
        requestHash: record?.requestHash,
      }),
    ])
    expect(record?.requestHash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('for the last hour that has ended', async () => {
    const body = { ...REQUEST, from: '2026-11-21T11', to: '2026-11-21T12' }
    expect((await openApi().post('/backfills', body)).status).toBe(202)
  })

  it('for exactly 200,000 objects, and for a year of 170 coins once that is confirmed', async () => {
    const coins = Array.from({ length: 170 }, (_, index) => `C${index}`)
    const some = { ...REQUEST, coins: coins.slice(0, 40), from: '2024-01-01T00' }
    const most = { ...some, to: '2024-07-27T08' }
    expect((await openApi().post('/backfills', most)).body.total).toBe(200_000)
    const year = { ...REQUEST, coins, from: '2025-01-01', to: '2026-01-01', confirmed: true }
    expect((await openApi().post('/backfills', year)).body.total).toBe(1_489_200)
  })
})

describe('Without a key', () => {
  it('fifty equal requests at once are one backfill and one answer', async () => {
    const api = openApi()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => api.post('/backfills', REQUEST)),
    )
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]))
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1)
    expect(api.runs.started).toHaveLength(1)
    expect(api.store.backfills.size).toBe(1)
  })

  it('the order of the coins and their repetition make no difference', async () => {
    const api = openApi()
    const first = await api.post('/backfills', REQUEST)
    const second = await api.post('/backfills', { ...REQUEST, coins: ['ETH', 'BTC', 'BTC'] })
    expect(idsOf([first, second]).size).toBe(1)
  })

  it('two ways to write one instant make no difference', async () => {
    const api = openApi()
    const first = await api.post('/backfills', REQUEST)
    const second = await api.post('/backfills', { ...REQUEST, from: '2025-01-01T01:00:00+01:00' })
    expect(idsOf([first, second]).size).toBe(1)
  })

  it.each([
    ['coin', { coins: ['BTC'] }],
    ['bound', { to: '2025-01-03' }],
    ['option', { reprocess: 'all' }],
  ])('another %s is another backfill', async (_, change) => {
    const api = openApi()
    const first = await api.post('/backfills', REQUEST)
    const second = await api.post('/backfills', { ...REQUEST, ...change })
    expect(idsOf([first, second]).size).toBe(2)
    expect(api.runs.started).toHaveLength(2)
  })

  it('an equal request after the end is a new backfill, numbered on', async () => {
    const api = openApi()
    const ids = []
    for (let round = 0; round < 3; round += 1) {
      const { body } = await api.post('/backfills', REQUEST)
      ids.push(body.id)
      await finish(api, body.id, 'complete')
    }
    expect(ids).toEqual([ids[0], `${ids[0]}.2`, `${ids[0]}.3`])
  })

  it('a backfill that was terminated in Temporal is settled, and a new one starts', async () => {
    const api = openApi()
    const first = await api.post('/backfills', REQUEST)
    api.pass(1_000)
    api.runs.close(first.body.id, 'terminated', { outcome: 'terminated', reason: 'by hand' })
    api.pass(1_000)
    const second = await api.post('/backfills', REQUEST)
    expect(second.body.id).toBe(`${first.body.id}.2`)
    expect(api.store.backfills.get(first.body.id)?.ended).toMatchObject({
      outcome: 'terminated',
      reason: 'by hand',
    })
  })

  it('a run whose row was never written is found again, and its row is written', async () => {
    const api = openApi()
    const first = await api.post('/backfills', REQUEST)
    const row = api.store.backfills.get(first.body.id)
    api.store.backfills.clear()
    const second = await api.post('/backfills', REQUEST)
    expect(second.body.id).toBe(first.body.id)
    expect(api.store.backfills.get(first.body.id)).toEqual(row)
    expect(api.runs.started).toHaveLength(1)
  })
})

describe('With an Idempotency-Key', () => {
  it('the same key is the same backfill, fifty times at once', async () => {
    const api = openApi()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => api.post('/backfills', REQUEST, keyed('one'))),
    )
    expect(idsOf(answers).size).toBe(1)
    expect(answers[0]?.body.id).toMatch(/^k-[0-9a-f]{16}$/)
    expect(api.runs.started).toHaveLength(1)
  })

  it('the same key is the same backfill after its end', async () => {
    const api = openApi()
    const first = await api.post('/backfills', REQUEST, keyed('one'))
    await finish(api, first.body.id, 'complete')
    const second = await api.post('/backfills', REQUEST, keyed('one'))
    expect(second).toMatchObject({ status: 202, body: { id: first.body.id, state: 'complete' } })
    expect(api.runs.started).toHaveLength(1)
  })

  it('the same key is the same backfill after Temporal forgot it', async () => {
    const api = openApi()
    const first = await api.post('/backfills', REQUEST, keyed('one'))
    await finish(api, first.body.id, 'complete')
    api.runs.forget(first.body.id)
    const second = await api.post('/backfills', REQUEST, keyed('one'))
    expect(second.body).toMatchObject({ id: first.body.id, state: 'complete' })
    expect(api.runs.started).toHaveLength(1)
  })

  it('the same key is the same backfill when only Temporal knows it', async () => {
    const api = openApi()
    const first = await api.post('/backfills', REQUEST, keyed('one'))
    api.store.backfills.clear()
    const second = await api.post('/backfills', REQUEST, keyed('one'))
    expect(second.body.id).toBe(first.body.id)
    expect(api.store.backfills.size).toBe(1)
  })

  const other = { ...REQUEST, coins: ['SOL'] }
  it.each([
    ['while the backfill runs', () => undefined],
    [
      'when only Temporal knows it',
      (api: ReturnType<typeof openApi>) => api.store.backfills.clear(),
    ],
  ])('the same key with another body is 422 %s', async (_, prepare) => {
    const api = openApi()
    await api.post('/backfills', REQUEST, keyed('one'))
    prepare(api)
    const answer = await api.post('/backfills', other, keyed('one'))
    expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
    expect(api.runs.started).toHaveLength(1)
  })

  it('the same key with another body is 422 after Temporal forgot the run', async () => {
    const api = openApi()
    const first = await api.post('/backfills', REQUEST, keyed('one'))
    await finish(api, first.body.id, 'complete')
    api.runs.forget(first.body.id)
    const answer = await api.post('/backfills', other, keyed('one'))
    expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
    expect(api.runs.started).toHaveLength(1)
  })

  it('two keys are two backfills of one request', async () => {
    const api = openApi()
    const first = await api.post('/backfills', REQUEST, keyed('one'))
    const second = await api.post('/backfills', REQUEST, keyed('two'))
    expect(idsOf([first, second]).size).toBe(2)
  })
})
