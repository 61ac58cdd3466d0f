import { DAY_MS } from '@backtide/core/range'
import { createRegistry, registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'
import { ledgerRow } from './fake-ledger.ts'
import { hour, openApi } from './open-api.ts'

const HOURS = { dataset: 'test.candles', from: '2025-01-01T00', to: '2025-01-01T03' }
const REQUEST = { ...HOURS, coins: ['ETH', 'BTC'], intervals: ['5m', '1m'] }
const SERIES = ['BTC 1m', 'BTC 5m', 'ETH 1m', 'ETH 5m']

describe('A backfill of a dataset that has intervals', () => {
  it('is of each coin at each interval, and is shown as coins and intervals', async () => {
    const api = openApi()
    const { status, body } = await api.post('/backfills', REQUEST)
    expect(status).toBe(202)
    expect(api.runs.started).toEqual([expect.objectContaining({ symbols: SERIES })])
    const shown = { coins: ['BTC', 'ETH'], intervals: ['1m', '5m'], total: 12 }
    expect(body).toMatchObject(shown)
    expect((await api.get(`/backfills/${body.id}`)).body).toMatchObject(shown)
    expect((await api.get('/backfills')).body.backfills).toMatchObject([shown])
  })

  it('is another one with another interval, and the same one in any order', async () => {
    const api = openApi()
    const post = async (change: object, key?: string) => {
      const headers = key === undefined ? {} : { 'Idempotency-Key': key }
      return await api.post('/backfills', { ...REQUEST, ...change }, headers)
    }
    const first = (await post({})).body.id
    expect((await post({ intervals: ['1m', '5m', '1m'] })).body.id).toBe(first)
    expect((await post({ intervals: ['1m'] })).body.id).not.toBe(first)
    const keyed = (await post({ intervals: ['1m', '5m', '1h'] }, 'one')).body.id
    expect((await post({ intervals: ['all'] }, 'one')).body.id).toBe(keyed)
    expect(await post({}, 'one')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    })
  })

  it('leaves out what the venue does not keep, says so, and is the same one a day later', async () => {
    const candles = registry.find('hyperliquid.candles')
    if (!candles) throw new Error('no candles')
    const api = openApi({}, createRegistry([candles]))
    const asked = { dataset: candles.id, coins: ['BTC'], intervals: ['1h'] }
    const body = { ...asked, from: '2025-01-01', to: '2026-11-01' }
    const first = await api.post('/backfills', body, { 'Idempotency-Key': 'kept' })
    expect(first.body).toMatchObject({ from: '2026-05-02T00:00:00Z' })
    expect(first.body.warnings).toContainEqual(
      expect.stringMatching(/^2025-01-01 to 2026-05-02 is left out: .* hyperliquid\.trades can/),
    )
    api.pass(DAY_MS)
    const second = await api.post('/backfills', body, { 'Idempotency-Key': 'kept' })
    expect(second).toMatchObject({ status: 202, body: { id: first.body.id } })
    expect(await api.post('/backfills', { ...body, to: '2025-02-01' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/from' }] },
    })
  })

  it('lists its objects with their series', async () => {
    const api = openApi()
    const { id } = (await api.post('/backfills', REQUEST)).body
    const row = { dataset: 'test.candles', partition: hour(0), symbol: 'BTC 5m' }
    api.store.ledger.push(ledgerRow({ ...row, object: `candles/${hour(0)}/BTC 5m` }))
    const { partitions } = (await api.get(`/backfills/${id}/partitions?limit=4`)).body
    expect(partitions).toMatchObject(
      SERIES.map((series) => ({ series, state: series === 'BTC 5m' ? 'complete' : 'queued' })),
    )
  })

  it.each([
    ['no intervals', { intervals: undefined }, '/intervals', /1m, 5m, 1h or all/],
    ['an interval it does not have', { intervals: ['1m', '1d'] }, '/intervals/1', /1m, 5m, 1h/],
    ['an interval that is no text', { intervals: [5] }, '/intervals/0', /string/],
  ])('refuses %s by name', async (_, change, pointer, detail) => {
    const answer = await openApi().post('/backfills', { ...REQUEST, ...change })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
    expect(answer.body.detail).toMatch(detail)
  })

  it('is refused by the field where the dataset has none', async () => {
    const answer = await openApi().post('/backfills', { ...REQUEST, dataset: 'test.hourly' })
    expect(answer.body.errors).toEqual([
      { pointer: '/intervals', detail: 'test.hourly has no intervals; leave intervals out.' },
    ])
  })

  it("is started by AnySignal's call too, which names the parameter that is wrong", async () => {
    const api = openApi()
    const call = 'from=2025-01-01T00:00:00&to=2025-01-01T02:00:00&source=test.candles&coins=BTC'
    expect((await api.get(`/backfill?${call}&intervals=1m,5m`)).status).toBe(202)
    expect(api.runs.started).toMatchObject([{ symbols: ['BTC 1m', 'BTC 5m'] }])
    const refused = await api.get(`/backfill?${call}&intervals=1m,2m`)
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/intervals' }] } })
  })
})

describe('The coverage of a dataset that has intervals', () => {
  const query = `dataset=test.candles&from=${HOURS.from}&to=${HOURS.to}&coins=BTC`

  it('is of each coin at each interval', async () => {
    const api = openApi()
    for (const symbol of ['BTC 1m', 'BTC 1h']) {
      api.store.ledger.push(ledgerRow({ dataset: 'test.candles', partition: hour(1), symbol }))
    }
    const { body } = await api.get(`/coverage?${query}&intervals=1m,5m`)
    const counts = { complete: 1 }
    expect(body).toMatchObject({ coins: ['BTC'], intervals: ['1m', '5m'], total: 6, counts })
    expect(body.days[0].states).toBeUndefined()
    const all = (await api.get(`/coverage?${query}&intervals=all`)).body
    expect(all).toMatchObject({ intervals: ['1h', '1m', '5m'], counts: { complete: 2 } })
  })

  it('has the state of each hour of one coin at one interval when asked', async () => {
    const api = openApi()
    const row = { dataset: 'test.candles', partition: hour(1), symbol: 'BTC 1m' }
    api.store.ledger.push(ledgerRow({ ...row, state: 'corrupt' }))
    const { body } = await api.get(`/coverage?${query}&intervals=1m&detail=partitions`)
    expect(body.days[0].states.slice(0, 3)).toEqual([null, 'corrupt', null])
  })

  it('is refused without intervals', async () => {
    const answer = await openApi().get(`/coverage?${query}`)
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/intervals' }] } })
  })
})

describe('POST /ledger/reset of a table that intervals share', () => {
  it('forgets every interval of a coin, and the coin in datasets without intervals', async () => {
    expect(await reset({ coins: ['BTC'] })).toEqual(['BTC', 'BTC 1m', 'BTC 5m'])
    expect(await reset({ dataset: 'test.hourly', coins: ['BTC'] })).toEqual([
      'BTC',
      'BTC 1m',
      'BTC 5m',
    ])
  })

  it('forgets the intervals that are named', async () => {
    expect(await reset({ coins: ['BTC'], intervals: ['5m'] })).toEqual(['BTC', 'BTC 5m'])
  })

  it('leaves alone a dataset that has none of the intervals named', async () => {
    expect(await reset({ coins: ['BTC'], intervals: ['1h'] })).toEqual(['BTC'])
  })
})

/** Resets a part of a ledger of two datasets, and gives the series that were forgotten. */
async function reset(change: object): Promise<string[]> {
  const api = openApi()
  const candles = { dataset: 'test.candles', partition: hour(0) }
  api.store.ledger.push(
    ...['BTC 1m', 'BTC 5m', 'ETH 1m'].map((symbol) => ledgerRow({ ...candles, symbol })),
    ...['BTC', 'ETH'].map((symbol) => ledgerRow({ partition: hour(0), symbol })),
  )
  const { status, body } = await api.post('/ledger/reset', { ...HOURS, ...change })
  expect(status).toBe(200)
  return body.objects.map(({ series }: { series: string }) => series).toSorted()
}
