import { describe, expect, it } from 'vitest'
import { finish, openApi, REQUEST } from './open-api.ts'

const RATES = { perGiB: 1, perThousandGets: 0, perThousandLists: 0 }
const GIB = 2 ** 30

const spentBy = (backfillId: string, usd: number) => ({
  backfillId,
  source: 'test-archive',
  usd,
  gets: 10,
  lists: 1,
  bytes: 1_000,
})

describe('The budget', () => {
  it('is what was spent in the month, by source and backfill, and what is left', async () => {
    const api = openApi({ spending: { ratesOf: () => RATES, monthlyUsd: 5, confirmUsd: 2 } })
    api.store.spent = [spentBy('a', 1), spentBy('b', 2.5)]
    expect((await api.get('/budget')).body).toMatchObject({
      month: '2026-11',
      spent: { usd: 3.5, gets: 20, lists: 2, bytes: 2_000 },
      limitUsd: 5,
      remainingUsd: 1.5,
      confirmUsd: 2,
      sources: [{ source: 'test-archive', usd: 3.5 }],
      backfills: [
        { id: 'b', usd: 2.5 },
        { id: 'a', usd: 1 },
      ],
    })
  })

  it('of a backfill stands in its status, and is changed while it runs', async () => {
    const api = openApi()
    const { body } = await api.post('/backfills', { ...REQUEST, maxCostUsd: 2 })
    expect(api.runs.started[0]).toMatchObject({ maxCostUsd: 2 })
    api.store.spent = [spentBy(body.id, 0.5)]
    expect((await api.get(`/backfills/${body.id}`)).body).toMatchObject({
      maxCostUsd: 2,
      spent: { usd: 0.5, gets: 10, maxUsd: 2 },
    })
    const raised = await api.post(`/backfills/${body.id}/budget`, { maxCostUsd: 3 })
    expect(raised).toMatchObject({ status: 202, body: { id: body.id, maxCostUsd: 3 } })
    expect(api.runs.signals).toEqual([{ id: body.id, name: 'setBudget', remark: 3 }])
    await finish(api, body.id, 'complete')
    expect(await api.post(`/backfills/${body.id}/budget`, { maxCostUsd: 4 })).toMatchObject({
      status: 409,
    })
    expect(await api.post('/backfills/none/budget', { maxCostUsd: 4 })).toMatchObject({
      status: 404,
    })
  })

  it.each([0, -1, 1_000_001, 'much'])('of a backfill is not %s', async (maxCostUsd) => {
    const answer = await openApi().post('/backfills', { ...REQUEST, maxCostUsd })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/maxCostUsd' }] } })
  })

  it('tells requests apart that are equal else', async () => {
    const api = openApi()
    const one = await api.post('/backfills', REQUEST)
    const other = await api.post('/backfills', { ...REQUEST, maxCostUsd: 2 })
    expect(other.body.id).not.toBe(one.body.id)
  })
})

const open = (confirmUsd: number, ratesOf = () => RATES as typeof RATES | undefined) => {
  const api = openApi({ spending: { ratesOf, confirmUsd } })
  api.store.like = [
    { series: 'BTC', objects: 100, bytes: 100 * GIB, rows: 1 },
    { series: 'ETH', objects: 100, bytes: 50 * GIB, rows: 1 },
  ]
  return api
}

describe('A request that may cost more than goes without saying', () => {
  it('has to be confirmed, judged by the sizes of like objects', async () => {
    // 24 hours of both: 24 and 12 GiB.
    const answer = await open(35).post('/backfills', REQUEST)
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/confirmed' }] } })
    expect(answer.body.detail).toContain('It may cost $36.00 at test-archive')
    const confirmed = await open(35).post('/backfills', { ...REQUEST, confirmed: true })
    expect(confirmed.status).toBe(202)
  })

  it('is any but one that costs less, or is of a free source', async () => {
    expect((await open(37).post('/backfills', REQUEST)).status).toBe(202)
    expect((await open(0, () => undefined).post('/backfills', REQUEST)).status).toBe(202)
  })
})
