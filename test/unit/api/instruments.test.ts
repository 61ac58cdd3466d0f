import type { KnownInstrument } from '@backtide/core/instrument'
import { DAY_MS } from '@backtide/core/range'
import { registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'
import { NOW, openApi } from './open-api.ts'

function instrument(symbol: string, change: Partial<KnownInstrument> = {}): KnownInstrument {
  const facts = { exchange: 'hyperliquid', market: 'perp', symbol, base: symbol, quote: 'USDC' }
  return { ...facts, settle: 'USDC', aliases: [], firstSeen: NOW, seenAt: NOW, ...change }
}

function api(...known: readonly KnownInstrument[]) {
  const opened = openApi({}, registry)
  opened.store.instruments.push(...known)
  return opened
}

const FUNDING = { dataset: 'hyperliquid.funding', from: '2025-01-01', to: '2025-01-03' }
const listed = (year: number) => ({ listed: Date.UTC(year, 0, 1), datesFrom: 'candles' as const })

describe('Instruments', () => {
  it('are listed with the dates that are known, of one market where it is named', async () => {
    const { get } = api(instrument('BTC', listed(2023)), instrument('@107', { market: 'spot' }))
    const { body } = await get('/instruments?exchange=hyperliquid&market=perp')
    expect(body).toEqual({
      instruments: [
        {
          exchange: 'hyperliquid',
          market: 'perp',
          symbol: 'BTC',
          base: 'BTC',
          quote: 'USDC',
          settle: 'USDC',
          listed: '2023-01-01',
          delisted: null,
          datesFrom: 'candles',
          aliases: [],
          seenAt: '2026-11-21T12:30:00Z',
        },
      ],
      warnings: [],
    })
    expect((await get('/instruments')).body.instruments).toHaveLength(2)
  })

  it('that nobody asked for yet are a warning, and are asked for by one call', async () => {
    const { get, post, runs } = api()
    expect((await get('/instruments')).body.warnings).toEqual([expect.stringMatching(/sync/)])
    const answer = await post('/instruments/sync', { exchange: 'hyperliquid' })
    expect(answer).toMatchObject({ status: 202, body: { id: 'instruments/hyperliquid' } })
    expect(runs.synced).toEqual(['hyperliquid'])
  })

  it('of a venue that has none here are refused with those there are', async () => {
    const { get, post } = api()
    const errors = [{ pointer: '/exchange', allowed: ['hyperliquid'] }]
    expect(await get('/instruments?exchange=nyse')).toMatchObject({ status: 422, body: { errors } })
    const sync = await post('/instruments/sync', { exchange: 'nyse' })
    expect(sync).toMatchObject({ status: 422, body: { errors } })
  })
})

describe('A backfill of every coin', () => {
  const star = { ...FUNDING, coins: ['*'] }

  it('is of the instruments of the market that were listed in the range', async () => {
    const gone = { ...listed(2023), delisted: Date.UTC(2024, 0, 1) }
    const { post, runs } = api(
      instrument('BTC', listed(2023)),
      instrument('ETH'),
      instrument('NEW', listed(2026)),
      instrument('GONE', gone),
      instrument('@107', { market: 'spot' }),
    )
    const { status, body } = await post('/backfills', star)
    expect(status).toBe(202)
    expect(runs.started[0]?.symbols).toEqual(['BTC', 'ETH'])
    expect(body).toMatchObject({ coins: ['BTC', 'ETH'], total: 4 })
    expect(runs.synced).toEqual([])
  })

  it('is the same one when instruments come and go, and asks for them anew after a day', async () => {
    const { post, runs, store, pass } = api(instrument('BTC', listed(2023)))
    const key = { 'Idempotency-Key': 'all' }
    const first = await post('/backfills', star, key)
    store.instruments.push(instrument('ETH', listed(2023)))
    pass(2 * DAY_MS)
    expect((await post('/backfills', star, key)).body.id).toBe(first.body.id)
    expect(runs.synced).toEqual(['hyperliquid'])
  })

  it('asks for the instruments where none are known, and says so', async () => {
    const { post, runs } = api()
    const answer = await post('/backfills', star)
    const errors = [{ pointer: '/coins', detail: expect.stringMatching(/try again in a minute/) }]
    expect(answer).toMatchObject({ status: 422, body: { errors } })
    expect(runs.synced).toEqual(['hyperliquid'])
  })

  it.each([
    [{ ...star, coins: ['*', 'BTC'] }, /name nothing beside it/],
    [{ ...star, dataset: 'binance.trades' }, /Instruments of binance are not known/],
    [{ ...star, from: '2024-01-01', to: '2024-01-02' }, /No instrument .* was listed in the range/],
  ])('is refused as %j', async (body, detail) => {
    const answer = await api(instrument('NEW', listed(2026))).post('/backfills', body)
    const errors = [{ pointer: '/coins', detail: expect.stringMatching(detail) }]
    expect(answer).toMatchObject({ status: 422, body: { errors } })
  })
})

const warningsOf = async (coins: readonly string[]) => {
  const gone = { ...listed(2023), delisted: Date.UTC(2024, 0, 1) }
  const { post } = api(instrument('NEW', listed(2026)), instrument('GONE', gone), instrument('ETH'))
  return (await post('/backfills', { ...FUNDING, coins })).body.warnings as string[]
}

describe('Coins of a request', () => {
  it('that were listed later, or gone earlier, are told with the date', async () => {
    expect(await warningsOf(['ETH'])).toEqual([])
    expect(await warningsOf(['NEW'])).toEqual([
      expect.stringMatching(/^NEW was listed on 2026-01-01:/),
    ])
    expect(await warningsOf(['GONE'])).toEqual([
      expect.stringMatching(/^GONE was traded until 2024-01-01:/),
    ])
  })

  it('that are none are told', async () => {
    expect(await warningsOf(['ETH', 'NOPE'])).toEqual([
      'not among the known instruments of hyperliquid: "NOPE"',
    ])
  })

  it.each(['@107', 'PURR/USDC', '#123'])('of no such market are refused: %s', async (coin) => {
    const { post, runs } = api()
    const answer = await post('/backfills', { ...FUNDING, coins: ['BTC', coin] })
    const detail = expect.stringContaining('hyperliquid.funding, which has those of perp only')
    const errors = [{ pointer: '/coins/1', detail }]
    expect(answer).toMatchObject({ status: 422, body: { errors } })
    expect(runs.started).toEqual([])
  })

  it('may be written as people do: the dollar of Hyperliquid is USDC', async () => {
    const { post, runs } = api()
    await post('/backfills', { ...FUNDING, coins: ['BTC/USD', 'BTC', 'xyz:TSLA'] })
    expect(runs.started[0]?.symbols).toEqual(['BTC', 'xyz:TSLA'])
  })
})
