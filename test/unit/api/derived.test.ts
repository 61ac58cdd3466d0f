import { DAY_MS } from '@backtide/core/range'
import { registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'
import { ledgerRow } from './fake-ledger.ts'
import { NOW, openApi } from './open-api.ts'

const DAY = Date.UTC(2025, 6, 27)

describe('What is derived', () => {
  it('is listed with the days that are made, stale and missing, and who is at work', async () => {
    const { get, store } = openApi()
    const made = [DAY, DAY + DAY_MS]
    const standing = { made, stale: [DAY + 3 * DAY_MS], missing: [DAY - DAY_MS], madeAt: NOW }
    store.standings = { fills_1m: standing }
    const { body } = await get('/derived')
    expect(body.warnings).toEqual([])
    expect(body.derived[0]).toEqual({
      name: 'fills_1m',
      title: 'Hyperliquid fills by the minute, per coin, market and side',
      table: 'fills_1m',
      bases: ['hyperliquid.fills'],
      days: { made: 2, stale: 1, missing: 1 },
      newest: '2025-07-30',
      madeAt: '2026-11-21T12:30:00Z',
      open: ['2025-07-26', '2025-07-30'],
      work: 'idle',
    })
    expect(body.derived.map(({ name }: { name: string }) => name)).toEqual([
      'fills_1m',
      'daily_stats',
      'user_stats',
      'market_1m',
      'candles',
    ])
  })

  it('is listed while Temporal is away, with a warning', async () => {
    const { get, runs } = openApi()
    runs.away = true
    const { status, body } = await get('/derived')
    expect(status).toBe(200)
    expect(body.derived[0].work).toBeNull()
    expect(body.warnings).toEqual([expect.stringMatching(/Temporal/)])
  })

  it('is rebuilt by one call, of some days or of all', async () => {
    const { post, runs } = openApi()
    const answer = await post('/derived/fills_1m/rebuild', { from: '2025-07-27', to: '2025-07-29' })
    expect(answer).toMatchObject({ status: 202, body: { id: 'derive/fills_1m' } })
    await post('/derived/candles/rebuild', {})
    expect(runs.refreshes).toEqual([
      { name: 'fills_1m', rebuild: true, range: { from: DAY, to: DAY + 2 * DAY_MS } },
      { name: 'candles', rebuild: true },
    ])
  })

  it('is looked at again after a reset of what it is made of', async () => {
    const { post, runs, store } = openApi({}, registry)
    store.ledger.push(ledgerRow({ dataset: 'hyperliquid.fills', partition: DAY, symbol: '*' }))
    const body = { dataset: 'hyperliquid.fills', from: '2025-07-27T00', to: '2025-07-27T01' }
    expect(await post('/ledger/reset', body)).toMatchObject({ status: 200, body: { reset: 1 } })
    const range = { from: DAY, to: DAY + DAY_MS }
    expect(runs.refreshes).toEqual(
      ['fills_1m', 'daily_stats', 'user_stats', 'market_1m'].map((name) => ({ name, range })),
    )
  })

  it('is not rebuilt where there is none of the name, or no such days', async () => {
    const { post, runs } = openApi()
    const unknown = await post('/derived/nothing/rebuild', {})
    expect(unknown).toMatchObject({
      status: 404,
      body: { detail: expect.stringMatching(/fills_1m, daily_stats/) },
    })
    const asked = { from: '2025-07-27T03', to: '2025-07-26' }
    expect(await post('/derived/candles/rebuild', asked)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/from' }] },
    })
    const turned = { from: '2025-07-27', to: '2025-07-26' }
    expect(await post('/derived/candles/rebuild', turned)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/to' }] },
    })
    expect(runs.refreshes).toEqual([])
  })
})
