import { describe, expect, it } from 'vitest'
import { ledgerRow } from './fake-store.ts'
import { hour, openApi } from './open-api.ts'

const TWO_DAYS = 'dataset=test.hourly&from=2025-01-01&to=2025-01-03'

describe('/coverage', () => {
  it('counts objects by day and in all, those without a row as unknown', async () => {
    const api = openApi()
    api.store.ledger.push(
      ledgerRow({ partition: hour(0), symbol: 'BTC' }),
      ledgerRow({ partition: hour(1), symbol: 'BTC', state: 'missing', distinctRows: 0 }),
      ledgerRow({ partition: hour(25), symbol: 'ETH' }),
      ledgerRow({ partition: hour(2), symbol: 'SOL' }),
    )
    expect((await api.get(`/coverage?${TWO_DAYS}&coins=BTC,ETH`)).body).toEqual({
      dataset: 'test.hourly',
      coins: ['BTC', 'ETH'],
      from: '2025-01-01T00:00:00Z',
      to: '2025-01-03T00:00:00Z',
      granularity: 'hour',
      total: 96,
      counts: { complete: 2, missing: 1 },
      unknown: 93,
      rows: 20,
      days: [
        {
          day: '2025-01-01',
          total: 48,
          counts: { complete: 1, missing: 1 },
          unknown: 46,
          rows: 10,
        },
        { day: '2025-01-02', total: 48, counts: { complete: 1 }, unknown: 47, rows: 10 },
      ],
    })
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
      'hyperliquid.asset_ctxs',
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
