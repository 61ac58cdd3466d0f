import { describe, expect, it } from 'vitest'
import { ledgerRow } from './fake-ledger.ts'
import { hour, openApi } from './open-api.ts'

const TWO_DAYS = 'dataset=test.hourly&from=2025-01-01&to=2025-01-03'

describe('/coverage', () => {
  it('counts objects by day and in all, those without a row as unknown', async () => {
    const api = openApi()
    api.store.ledger.push(
      ledgerRow({ partition: hour(0), symbol: 'BTC' }),
      ledgerRow({
        partition: hour(1),
        symbol: 'BTC',
        state: 'missing',
        reason: 'not there',
        distinctRows: 0,
      }),
      ledgerRow({ partition: hour(25), symbol: 'ETH' }),
      ledgerRow({ partition: hour(2), symbol: 'SOL' }),
    )
    expect((await api.get(`/coverage?${TWO_DAYS}&coins=BTC,ETH`)).body).toEqual({
      dataset: 'test.hourly',
      coins: ['BTC', 'ETH'],
      from: '2025-01-01T00:00:00Z',
      to: '2025-01-03T00:00:00Z',
      granularity: 'hour',
      by: 'day',
      total: 96,
      counts: { complete: 2, missing: 1 },
      unknown: 93,
      percent: 2.083,
      rows: 20,
      reasons: [{ state: 'missing', reason: 'not there', objects: 1 }],
      days: [
        {
          day: '2025-01-01',
          total: 48,
          counts: { complete: 1, missing: 1 },
          unknown: 46,
          percent: 2.083,
          rows: 10,
        },
        {
          day: '2025-01-02',
          total: 48,
          counts: { complete: 1 },
          unknown: 47,
          percent: 2.083,
          rows: 10,
        },
      ],
    })
  })

  it('is divided by hour, by coin, and by coin and day', async () => {
    const api = openApi()
    api.store.ledger.push(
      ledgerRow({ partition: hour(3), symbol: 'BTC' }),
      ledgerRow({ partition: hour(3), symbol: 'ETH', state: 'corrupt' }),
      ledgerRow({ partition: hour(25), symbol: 'ETH' }),
    )
    const by = async (what: string) =>
      (await api.get(`/coverage?${TWO_DAYS}&coins=BTC,ETH&by=${what}`)).body
    const { hours, days } = await by('hour')
    expect(days).toBeUndefined()
    expect(hours).toHaveLength(48)
    const third = { hour: '2025-01-01T03', total: 2, counts: { complete: 1, corrupt: 1 } }
    expect(hours[3]).toEqual({ ...third, unknown: 0, percent: 50, rows: 20 })
    const counts = { complete: 1, corrupt: 1 }
    expect((await by('coin')).series).toMatchObject([
      { series: 'BTC', total: 48, counts: { complete: 1 }, unknown: 47, rows: 10 },
      { series: 'ETH', total: 48, counts, unknown: 46, rows: 20 },
    ])
    const { series, counts: all } = await by('coin-day')
    expect(all).toEqual({ complete: 2, corrupt: 1 })
    expect(series[1].counts).toEqual(counts)
    expect(series[1].days).toMatchObject([
      { day: '2025-01-01', total: 24, counts: { corrupt: 1 }, unknown: 23, percent: 0 },
      { day: '2025-01-02', total: 24, counts: { complete: 1 }, unknown: 23, percent: 4.166 },
    ])
  })

  it('takes a range that is larger than a backfill', async () => {
    const coins = Array.from({ length: 170 }, (_, index) => `C${index}`).join(',')
    const years = `dataset=test.hourly&from=2024-01-01&to=2025-01-01&coins=${coins}`
    const { body } = await openApi().get(`/coverage?${years}`)
    expect(body).toMatchObject({ total: 170 * 366 * 24, unknown: 170 * 366 * 24, percent: 0 })
    expect((await openApi().get(`/coverage?${years}&by=coin-day`)).status).toBe(200)
  })

  it('has no more parts than one answer can have, and says how to have fewer', async () => {
    const coins = Array.from({ length: 170 }, (_, index) => `C${index}`).join(',')
    const query = `dataset=test.hourly&from=2023-05-01&to=2026-01-01&coins=${coins}&by=coin-day`
    const { status, body } = await openApi().get(`/coverage?${query}`)
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ pointer: '/by' }])
    expect(body.detail).toContain('100000 is the most')
  })

  it('has the state of each hour of one coin when asked', async () => {
    const api = openApi()
    api.store.ledger.push(
      ledgerRow({ partition: hour(3), symbol: 'BTC', state: 'corrupt' }),
      ledgerRow({ partition: hour(24), symbol: 'BTC' }),
    )
    const { body } = await api.get(`/coverage?${TWO_DAYS}&coins=BTC&detail=partitions`)
    const [first, second] = body.days
    expect(first.states).toHaveLength(24)
    expect(first.states.filter(Boolean)).toEqual(['corrupt'])
    expect(first.states[3]).toBe('corrupt')
    expect(second.states[0]).toBe('complete')
  })

  it.each([
    ['', '2026-11-14T12:00:00Z', '2026-11-21T12:00:00Z'],
    ['&from=2026-11-20', '2026-11-20T00:00:00Z', '2026-11-21T12:00:00Z'],
    ['&to=2025-01-08', '2025-01-01T00:00:00Z', '2025-01-08T00:00:00Z'],
  ])(
    'without a bound, as with %j, is of the last 7 days that have ended',
    async (query, from, to) => {
      const answer = await openApi().get(`/coverage?dataset=test.hourly&coins=BTC${query}`)
      expect(answer).toMatchObject({ status: 200, body: { from, to } })
    },
  )

  it.each([
    ['dataset=none&from=2025-01-01&to=2025-01-02', '/dataset'],
    ['dataset=test.hourly&from=2025-01-01&to=2025-01-02', '/coins'],
    ['dataset=test.hourly&coins=..&from=2025-01-01&to=2025-01-02', '/coins/0'],
    ['dataset=test.hourly&coins=BTC&to=2030-01-01', '/to'],
    ['dataset=test.hourly&coins=BTC&from=2025-01-01&to=2025-01-02&by=month', '/by'],
    ['dataset=hyperliquid.market_data&from=2025-01-01&to=2025-01-02&by=hour', '/by'],
  ])('refuses ?%s', async (query, pointer) => {
    const answer = await openApi().get(`/coverage?${query}`)
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
  })
})

describe('/datasets', () => {
  it('says which intervals a dataset has, where it has any', async () => {
    const { datasets } = (await openApi().get('/datasets')).body
    const withIntervals = datasets.filter((dataset: object) => 'intervals' in dataset)
    expect(withIntervals).toMatchObject([{ id: 'test.candles', intervals: ['1m', '5m', '1h'] }])
  })

  it('is the catalogue', async () => {
    const { body } = await openApi().get('/datasets')
    expect(body.datasets.map((dataset: { id: string }) => dataset.id)).toEqual([
      'test.hourly',
      'hyperliquid.l2_snapshot',
      'hyperliquid.market_data',
      'test.candles',
      'test.halves',
    ])
    expect(body.datasets[0]).toMatchObject({
      granularity: 'hour',
      begins: '2023-04-15T00:00:00Z',
      source: { bucket: 'b', requesterPays: true },
    })
    expect(body.datasets[4].source).toEqual({
      kind: 'http',
      name: 'test-files',
      baseUrl: 'https://files.test/',
      checksums: true,
    })
  })
})
