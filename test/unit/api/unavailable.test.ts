import { describe, expect, it } from 'vitest'
import { hour, openApi, REQUEST } from './open-api.ts'
import { ledgerRow } from './fake-ledger.ts'

describe('While QuestDB is away', () => {
  it.each([
    '/backfills',
    '/backfills/x',
    '/backfills/x/partitions',
    '/coverage?dataset=test.hourly&coins=BTC&from=2025-01-01&to=2025-01-02',
    '/backfill?source=HyperliquidAssetCtxs&from=2024-01-01&to=2024-01-01',
  ])('GET %s is 503 with Retry-After', async (path) => {
    const api = openApi()
    api.store.away = true
    const answer = await api.get(path)
    expect(answer).toMatchObject({ status: 503, body: { code: 'questdb_unavailable' } })
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(JSON.stringify(answer.body)).not.toContain('ECONNREFUSED')
  })

  it('the cause and the remedy are named', async () => {
    const api = openApi()
    api.store.away = true
    const { detail } = (await api.get('/backfills')).body
    expect(detail).toMatch(/QuestDB is away.*Look at its process.*pause, resume and cancel work/)
  })

  it('nothing is started, and the same request succeeds afterwards', async () => {
    const api = openApi()
    api.store.away = true
    expect((await api.post('/backfills', REQUEST)).status).toBe(503)
    expect(api.runs.started).toEqual([])
    api.store.away = false
    expect((await api.post('/backfills', REQUEST)).status).toBe(202)
    expect(api.runs.started).toHaveLength(1)
  })

  it('a backfill whose row could not be written is found by the same request', async () => {
    const api = openApi()
    const { putBackfill } = api.store
    Object.assign(api.store, {
      putBackfill: async (record: Parameters<typeof putBackfill>[0]) => {
        api.store.away = true
        return await putBackfill(record)
      },
    })
    expect((await api.post('/backfills', REQUEST)).status).toBe(503)
    Object.assign(api.store, { putBackfill, away: false })
    const answer = await api.post('/backfills', REQUEST)
    expect(answer.status).toBe(202)
    expect(api.runs.started.map((input) => input.backfillId)).toEqual([answer.body.id])
    expect(api.store.backfills.has(answer.body.id)).toBe(true)
  })
})

describe('While Temporal is away', () => {
  it.each(['pause', 'resume', 'cancel'])('%s is 503 with Retry-After', async (verb) => {
    const api = openApi()
    const { body } = await api.post('/backfills', REQUEST)
    api.runs.away = true
    const answer = await api.post(`/backfills/${body.id}/${verb}`)
    expect(answer).toMatchObject({ status: 503, body: { code: 'temporal_unavailable' } })
    expect(answer.headers.get('retry-after')).toBe('5')
  })

  it('a list asks it once, however many of its backfills are open', async () => {
    const api = openApi()
    for (const coin of ['A', 'B', 'C', 'D']) {
      await api.post('/backfills', { ...REQUEST, coins: [coin] })
      api.pass(1)
    }
    let asked = 0
    const { pollers } = api.runs
    Object.assign(api.runs, { pollers: () => ((asked += 1), pollers()) })
    api.runs.away = true
    const { body } = await api.get('/backfills?limit=2&state=paused')
    expect(body.warnings).toEqual([expect.stringContaining('Temporal does not answer')])
    expect(asked).toBe(1)
  })

  it('a start is 503 and leaves nothing behind', async () => {
    const api = openApi()
    api.runs.away = true
    expect(await api.post('/backfills', REQUEST)).toMatchObject({ status: 503 })
    expect(api.store.backfills.size).toBe(0)
  })

  it('coverage and partitions answer', async () => {
    const api = openApi()
    const { body } = await api.post('/backfills', REQUEST)
    api.store.ledger.push(ledgerRow({ partition: hour(0), symbol: 'BTC' }))
    api.runs.away = true
    expect((await api.get(`/backfills/${body.id}/partitions`)).status).toBe(200)
    const query = 'dataset=test.hourly&coins=BTC&from=2025-01-01&to=2025-01-02'
    expect((await api.get(`/coverage?${query}`)).body.counts).toEqual({ complete: 1 })
  })
})

describe('An error nobody expected', () => {
  it('is 500 problem+json without its message or stack, which the log has', async () => {
    const api = openApi()
    Object.assign(api.store, {
      findBackfill: async () => {
        throw new Error('secret inside')
      },
    })
    const answer = await api.get('/backfills/x')
    expect(answer).toMatchObject({
      status: 500,
      body: { code: 'internal', instance: '/backfills/x' },
    })
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|at .*\.ts/)
    expect(api.lines.join('')).toContain('secret inside')
    expect(api.lines.join('')).toContain(answer.body.requestId)
  })
})
