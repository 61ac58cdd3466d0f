import { describe, expect, it } from 'vitest'
import type { PlanSummary } from '@backtide/core/plan'
import { DAY_MS } from '@backtide/core/range'
import { ledgerRow } from './fake-ledger.ts'
import { hour, NOW, openApi, REQUEST, type Api } from './open-api.ts'

const SUMMARY: PlanSummary = {
  load: { objects: 40, bytes: 4_000 },
  kept: { objects: 0, bytes: 0 },
  unchanged: 0,
  absent: { missing: 2, pending: 0 },
  notListed: 0,
  skipped: { complete: 6 },
  total: 48,
  exact: true,
  cost: { transferUsd: 1, requestsUsd: 0.25, listingUsd: 0.01 },
  rewrites: { rows: 0, bytes: 0, days: 0 },
  hash: 'abc',
  seenAt: NOW,
}

/** Orders a plan, and has it ready. */
async function ready(api: Api, body: object = REQUEST): Promise<string> {
  const { id } = (await api.post('/plans', body)).body as { id: string }
  const order = api.runs.planned.get(id)?.order
  if (!order) throw new Error('nobody planned')
  const { createdAt, requestHash, request } = order
  const plan = { id, namespace: 'default', createdAt, requestHash, request, summary: SUMMARY }
  api.store.plans = [plan, ...api.store.plans]
  return id
}

describe('A plan', () => {
  it('is ordered, and then shown as far as it is', async () => {
    const api = openApi()
    const answer = await api.post('/plans', REQUEST)
    expect(answer).toMatchObject({ status: 202, body: { state: 'running', total: 48 } })
    const { id } = answer.body
    expect(answer.headers.get('location')).toBe(`/plans/${id}`)
    const order = api.runs.planned.get(id)?.order
    if (!order) throw new Error('nobody planned')
    api.runs.planned.set(id, { state: 'running', order, objects: 20 })
    expect((await api.get(`/plans/${id}`)).body).toMatchObject({
      state: 'running',
      progress: { objects: 20 },
      summary: null,
    })
    api.runs.planned.set(id, { state: 'failed', order, reason: 'no access' })
    expect((await api.get(`/plans/${id}`)).body).toMatchObject({
      state: 'failed',
      reason: 'no access',
    })
  })

  it('that is ready says what would be loaded, what it costs and how old it is', async () => {
    const api = openApi()
    const id = await ready(api)
    api.pass(60_000)
    const { body } = await api.get(`/plans/${id}`)
    expect(body).toMatchObject({
      state: 'ready',
      ageSeconds: 60,
      total: 48,
      summary: {
        load: { objects: 40, bytes: 4_000 },
        cost: { usd: 1.25, transferUsd: 1, requestsUsd: 0.25, listingUsd: 0.01 },
        rows: null,
        etaSeconds: null,
      },
    })
    expect((await api.get('/plans')).body.plans).toMatchObject([{ id, state: 'ready' }])
  })

  it('may be of more objects than a backfill without being confirmed', async () => {
    const api = openApi()
    const large = {
      ...REQUEST,
      to: '2026-01-01',
      coins: Array.from({ length: 30 }, (_, index) => `C${index}`),
    }
    expect((await api.post('/backfills', large)).status).toBe(422)
    expect((await api.post('/plans', large)).status).toBe(202)
  })

  it.each(['none', 'p-00000000-00000000', 'p-0mi9k2a1-43aa833f'])('%s is not there', async (id) => {
    const api = openApi()
    expect((await api.get(`/plans/${id}`)).status).toBe(404)
    expect((await api.post('/backfills', { planId: id })).status).toBe(404)
  })
})

describe('A plan is carried out', () => {
  it('as the backfill it is of, once, however often it is asked for', async () => {
    const api = openApi({ spending: { ratesOf: () => undefined, confirmUsd: 0 } })
    const id = await ready(api)
    const first = await api.post('/backfills', { planId: id, maxCostUsd: 5 })
    expect(first).toMatchObject({ status: 202, body: { planId: id, maxCostUsd: 5, total: 48 } })
    expect(api.runs.started).toMatchObject([{ planId: id, maxCostUsd: 5, symbols: ['BTC', 'ETH'] }])
    const row = { partition: hour(0), symbol: 'BTC', checkedAt: NOW + 1 }
    api.store.ledger.push(ledgerRow({ ...row, backfillId: first.body.id }))
    const again = await api.post('/backfills', { planId: id, maxCostUsd: 5 })
    expect(again).toMatchObject({ status: 202, body: { id: first.body.id } })
    expect(api.runs.started).toHaveLength(1)
  })

  it('not while it is being drawn up', async () => {
    const api = openApi()
    const { id } = (await api.post('/plans', REQUEST)).body
    const answer = await api.post('/backfills', { planId: id })
    expect(answer).toMatchObject({ status: 409, body: { code: 'plan_not_ready' } })
  })

  it('not when the ledger was written since, and it is said where', async () => {
    const api = openApi()
    const id = await ready(api)
    const row = { partition: hour(7), symbol: 'BTC', object: 'k', checkedAt: NOW }
    api.store.ledger.push(ledgerRow(row))
    const answer = await api.post('/backfills', { planId: id })
    expect(answer).toMatchObject({ status: 412, body: { code: 'plan_stale' } })
    expect(answer.body.detail).toContain('The ledger of 1 objects was written')
    expect(api.runs.started).toEqual([])
  })

  it('not when it is so old that what it saw is gone', async () => {
    const api = openApi()
    const id = await ready(api)
    api.pass(15 * DAY_MS)
    expect(await api.post('/backfills', { planId: id })).toMatchObject({ status: 412 })
  })

  it.each([
    [{ planId: 'x', coins: ['BTC'] }, '/coins'],
    [{ planId: 7 }, '/dataset'],
    [{}, '/dataset'],
  ])('not with %j', async (body, pointer) => {
    const answer = await openApi().post('/backfills', body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors[0].pointer).toBe(pointer)
  })
})
