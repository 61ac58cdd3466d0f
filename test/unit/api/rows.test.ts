import { DAY_MS, formatInstant } from '@backtide/core/range'
import { registry } from '@backtide/datasets/registry'
import { TableGoneError } from '@backtide/store/errors'
import { describe, expect, it } from 'vitest'
import { ledgerRow } from './fake-ledger.ts'
import { hour, NOW, openApi } from './open-api.ts'

const PATH = '/datasets/hyperliquid.l2_book/rows'
const BOOK = [[[100], [1], [2]]]

/** An API over the real datasets, with books of BTC at some times: milliseconds, and their seam. */
function withBooks(...books: readonly (readonly [number, number])[]) {
  const api = openApi({}, registry)
  for (const [at, seam] of books) {
    const ts = new Date(at).toISOString().replace('Z', '000Z')
    api.store.rows.push({ values: [ts, ts, 'hyperliquid', 'perp', 'BTC', BOOK, BOOK], seam })
  }
  return api
}

function loaded(start: number, state: 'complete' | 'unverified' = 'complete') {
  const day = formatInstant(start).slice(0, 10).replaceAll('-', '')
  const object = `market_data/${day}/${new Date(start).getUTCHours()}/l2Book/BTC.lz4`
  return ledgerRow({
    dataset: 'hyperliquid.l2_book',
    partition: start,
    symbol: 'BTC',
    state,
    object,
  })
}

describe('The last rows of a dataset', () => {
  it('come by column, with the state of the object that each is of', async () => {
    const api = withBooks([hour(5) - 1, 1], [hour(5), 0], [hour(5) + 1, 0])
    api.store.ledger.push(loaded(hour(5)))
    const { status, body } = await api.get(`${PATH}?coins=BTC&last=3`)
    expect(status).toBe(200)
    expect(Object.keys(body.columns)).toEqual(Object.keys(body.rows[0]))
    expect(body).toMatchObject({
      table: 'l2_book',
      columns: { ts: 'TIMESTAMP', bids: 'DOUBLE[][]' },
      verified: true,
      objects: [{ partition: '2025-01-01T05', series: 'BTC', state: 'complete', rows: 3 }],
    })
    expect(body.rows.map(({ ts }: { ts: string }) => ts.slice(11, 23))).toEqual([
      '04:59:59.999',
      '05:00:00.000',
      '05:00:00.001',
    ])
  })

  it('are not called verified while an object of them is not', async () => {
    const api = withBooks([hour(4), 0], [hour(5), 0], [hour(6), 0])
    api.store.ledger.push(loaded(hour(4)), loaded(hour(5), 'unverified'))
    const { body } = await api.get(`${PATH}?coins=BTC`)
    expect(body.verified).toBe(false)
    expect(body.objects.map(({ state }: { state: string }) => state)).toEqual([
      'complete',
      'unverified',
      'unknown',
    ])
  })

  it('are asked for of coins, venue and a bounded range only', async () => {
    const api = withBooks([hour(4), 0])
    await api.get(`${PATH}?coins=BTC,ETH&last=7&to=2025-01-01T04:30:00.5`)
    expect(api.store.asked.newest).toMatchObject({ series: ['BTC', 'ETH'], limit: 7 })
    expect(api.store.asked.rows).toMatchObject({
      where: { exchange: ['hyperliquid'], symbol: ['BTC', 'ETH'] },
      range: { to: hour(4) + 1_800_500 },
      limit: 7,
    })
  })

  it('of candles are of one interval, where it is named, of every coin', async () => {
    const api = withBooks([hour(4), 0])
    await api.get('/datasets/binance.klines/rows?intervals=1m')
    expect(api.store.asked.newest).not.toHaveProperty('series')
    expect(api.store.asked.newest).toMatchObject({ intervals: ['1m'] })
    expect(api.store.asked.rows?.where).toMatchObject({ interval: ['1m'] })
    await api.get('/datasets/binance.klines/rows?coins=BTCUSDT')
    expect(api.store.asked.newest?.series).toContain('BTCUSDT 1h')
  })

  it('of objects with all coins are searched for a coin in a few objects only', async () => {
    const api = withBooks([hour(4), 0])
    await api.get('/datasets/hyperliquid.asset_ctxs/rows?coins=BTC&last=500')
    expect(api.store.asked.newest).toMatchObject({ limit: 40 })
    expect(api.store.asked.newest).not.toHaveProperty('series')
  })

  it('are none of what was never loaded, and no table is read', async () => {
    const api = openApi({}, registry)
    const { status, body } = await api.get(`${PATH}?coins=btc`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ from: null, to: null, rows: [], verified: false, objects: [] })
    expect(body.warnings).toEqual([expect.stringContaining('did you mean BTC?')])
    expect(api.store.asked.rows).toBeUndefined()
  })

  it('are none of a table that somebody dropped', async () => {
    const api = withBooks([hour(4), 0])
    api.store.lastRows = () => Promise.reject(new TableGoneError('l2_book_all'))
    expect((await api.get(PATH)).body).toMatchObject({ rows: [], verified: false })
  })

  it('are 503 while QuestDB is away', async () => {
    const api = openApi({}, registry)
    api.store.away = true
    const { status, body } = await api.get(PATH)
    expect([status, body.code]).toEqual([503, 'questdb_unavailable'])
  })

  it.each([
    ['last=0', '/last'],
    ['last=501', '/last'],
    ['coins=B%20C', '/coins/0'],
    [`coins=${Array.from({ length: 21 }, (_, at) => `C${at}`).join()}`, '/coins'],
    ['intervals=1m', '/intervals'],
    ['from=soon', '/from'],
    ['from=2025-01-02&to=2025-01-01', '/to'],
    ['first=10', '/first'],
  ])('are refused for %s', async (query, pointer) => {
    const { status, body } = await withBooks([hour(4), 0]).get(`${PATH}?${query}`)
    expect(status).toBe(422)
    expect(body.errors[0].pointer).toBe(pointer)
  })

  it.each(['from=0000-01-01', 'to=0000-01-01', 'from=9999-12-31', 'to=9999-12-31T23:59:59-23:00'])(
    'of a range where none can be are looked for nowhere else: %s',
    async (query) => {
      const api = withBooks([hour(4), 0])
      expect((await api.get(`${PATH}?${query}`)).status).toBe(200)
      const { from, to } = api.store.asked.newest?.range ?? { from: 0, to: 0 }
      expect(from).toBeGreaterThanOrEqual(Date.UTC(2023, 3, 14))
      expect(to).toBeLessThanOrEqual(NOW + DAY_MS)
    },
  )

  it('are 404 of a dataset that there is not', async () => {
    const { status, body } = await openApi().get('/datasets/nothing/rows')
    expect([status, body.detail]).toEqual([404, expect.stringContaining('GET /datasets')])
  })
})

describe('The catalogue with detail=loaded', () => {
  it('says what of each dataset the ledger has', async () => {
    const api = openApi()
    api.store.ledger.push(
      ledgerRow({ partition: hour(3), symbol: 'BTC' }),
      ledgerRow({ partition: hour(5), symbol: 'BTC', state: 'unverified' }),
    )
    const { body } = await api.get('/datasets?detail=loaded')
    expect(body.warnings).toEqual([])
    expect(body.datasets[0].loaded).toEqual({
      counts: { complete: 1, unverified: 1 },
      rows: 20,
      bytes: 200,
      from: '2025-01-01T03:00:00Z',
      to: '2025-01-01T06:00:00Z',
    })
    expect(body.datasets[1].loaded).toMatchObject({ counts: {}, from: null, to: null })
  })

  it('is still the catalogue while QuestDB is away, and says so', async () => {
    const api = openApi()
    api.store.away = true
    const { status, body } = await api.get('/datasets?detail=loaded')
    expect(status).toBe(200)
    expect(body.datasets).toHaveLength(5)
    expect(body.datasets[0]).not.toHaveProperty('loaded')
    expect(body.warnings).toEqual([expect.stringContaining('QuestDB does not answer')])
    expect((await api.get('/datasets')).body.warnings).toEqual([])
  })
})
