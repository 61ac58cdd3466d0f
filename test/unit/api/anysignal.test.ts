import { registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'
import { finish, openApi } from './open-api.ts'

const HOURS = 'from=2024-01-01T00:00:00&to=2024-01-07T23:00:00'

describe("AnySignal's GET /backfill", () => {
  it('starts an hourly backfill whose "to" is inclusive', async () => {
    const api = openApi()
    const answer = await api.get(`/backfill?${HOURS}&source=HyperliquidL2Orderbook&coins=BTC,ETH`)
    expect(answer.status).toBe(202)
    expect(answer.headers.get('location')).toBe(`/backfills/${answer.body.id}`)
    expect(answer.body).toMatchObject({
      status: 'running',
      location: `/backfills/${answer.body.id}`,
    })
    expect(api.runs.started).toEqual([
      expect.objectContaining({
        dataset: 'hyperliquid.l2_snapshot',
        symbols: ['BTC', 'ETH'],
        range: { from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 0, 8) },
        reprocess: 'incomplete',
      }),
    ])
  })

  it('takes the dates alone of a daily source, and no coins', async () => {
    const api = openApi()
    const range = 'from=2024-01-01T05:00:00&to=2024-01-07T03:00:00'
    await api.get(`/backfill?${range}&source=HyperliquidAssetCtxs&coins=BTC`)
    expect(api.runs.started).toEqual([
      expect.objectContaining({
        dataset: 'hyperliquid.market_data',
        symbols: ['*'],
        range: { from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 0, 8) },
      }),
    ])
  })

  it.each([
    ['HyperliquidAssetCtxs', 'hyperliquid.market_data'],
    ['HyperliquidNodeFills', 'hyperliquid.fills'],
    ['HyperliquidNodeFillsLegacy', 'hyperliquid.fills'],
    ['HyperliquidNodeFills1mAggregate', 'hyperliquid.fills'],
    ['HyperliquidNodeFillsLegacy1mAggregate', 'hyperliquid.fills'],
  ])('knows the source %s', async (source, dataset) => {
    const api = openApi({}, registry)
    const range = 'from=2025-08-01T00:00:00&to=2025-08-02T23:00:00'
    expect((await api.get(`/backfill?${range}&source=${source}&coins=BTC`)).status).toBe(202)
    const wanted = { from: Date.UTC(2025, 7, 1), to: Date.UTC(2025, 7, 3) }
    const started = expect.objectContaining({ dataset, symbols: ['*'], range: wanted }) as unknown
    expect(api.runs.started).toEqual([started])
  })

  it('takes only some hours of each day', async () => {
    const api = openApi()
    await api.get(`/backfill?${HOURS}&source=HyperliquidL2Orderbook&coins=BTC&hours=0-2,7`)
    expect(api.runs.started).toEqual([expect.objectContaining({ hours: [0, 1, 2, 7] })])
  })

  it('takes coins in small letters, as AnySignal does, and leaves mixed ones', async () => {
    const api = openApi()
    await api.get(`/backfill?${HOURS}&source=HyperliquidL2Orderbook&coins=btc,kPEPE`)
    expect(api.runs.started).toEqual([expect.objectContaining({ symbols: ['BTC', 'kPEPE'] })])
  })

  it("has AnySignal's totals in its answer", async () => {
    const api = openApi()
    const answer = await api.get(`/backfill?${HOURS}&source=HyperliquidAssetCtxs`)
    const totals = { total_ok: 0, total_err: 0, total_skipped: 0, rows_inserted: 0 }
    expect(answer.body).toMatchObject({ ...totals, elapsed_ms: expect.any(Number) })
  })

  it('names the sources that there are to who asks for another', async () => {
    const answer = await openApi().get(`/backfill?${HOURS}&source=HyperliquidTrades`)
    const [{ detail }] = answer.body.errors as readonly [{ readonly detail: string }]
    expect(detail).toContain('"HyperliquidTrades" is not a source; known are HyperliquidAssetCtxs')
    expect(detail).toContain('HyperliquidNodeFills1mAggregate')
  })

  it('loads everything again with force=true', async () => {
    const api = openApi()
    await api.get(`/backfill?${HOURS}&source=HyperliquidAssetCtxs&force=true`)
    expect(api.runs.started).toEqual([expect.objectContaining({ reprocess: 'all' })])
  })

  it('takes our own dataset ids too', async () => {
    const api = openApi()
    await api.get(`/backfill?${HOURS}&source=test.hourly&coins=BTC`)
    expect(api.runs.started).toEqual([expect.objectContaining({ dataset: 'test.hourly' })])
  })

  it('is one run at a time per same request, and a new one once it closed', async () => {
    const api = openApi()
    const call = async () =>
      (await api.get(`/backfill?${HOURS}&source=HyperliquidAssetCtxs`)).body.id
    const first = await call()
    expect(await call()).toBe(first)
    await finish(api, first, 'complete')
    expect(await call()).toBe(`${first}.2`)
    expect(api.runs.started).toHaveLength(2)
  })

  it.each([
    ['an unknown source', `${HOURS}&source=Nope`, '/source'],
    ['a prototype name for a source', `${HOURS}&source=constructor`, '/source'],
    ['no coins for the order book', `${HOURS}&source=HyperliquidL2Orderbook`, '/coins'],
    ['a coin with ..', `${HOURS}&source=HyperliquidL2Orderbook&coins=BTC,..`, '/coins'],
    ['no source', HOURS, '/source'],
    ['no range', 'source=HyperliquidAssetCtxs', '/from'],
    ['no end', 'source=HyperliquidAssetCtxs&from=2024-01-01', '/to'],
    ['hours of what has whole days', `${HOURS}&source=HyperliquidAssetCtxs&hours=3`, '/hours'],
    ['an hour that is none', `${HOURS}&source=HyperliquidL2Orderbook&coins=BTC&hours=24`, '/hours'],
    [
      'a date that does not exist',
      'from=2024-02-30T00:00:00&to=2024-03-01T00:00:00&source=HyperliquidAssetCtxs',
      '/from',
    ],
    [
      'to before from',
      'from=2024-02-03T00:00:00&to=2024-02-01T00:00:00&source=HyperliquidAssetCtxs',
      '/to',
    ],
    [
      'an hour that has not ended',
      'from=2026-11-21T00:00:00&to=2026-11-21T12:00:00&source=test.hourly&coins=BTC',
      '/to',
    ],
    ['another word for force', `${HOURS}&source=HyperliquidAssetCtxs&force=yes`, '/force'],
    ['an unknown parameter', `${HOURS}&source=HyperliquidAssetCtxs&coin=BTC`, '/coin'],
  ])('refuses %s, naming the parameter', async (_, query, pointer) => {
    const api = openApi()
    const answer = await api.get(`/backfill?${query}`)
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer)
    expect(api.runs.started).toEqual([])
  })
})
