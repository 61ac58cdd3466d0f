import type { FeedRun } from '@backtide/api/temporal/feeds'
import { assignmentId, type Assignment, type CollectProgress } from '@backtide/core/live'
import type { HoleRow } from '@backtide/store/holes/list-holes'
import { describe, expect, it } from 'vitest'
import { NOW, openApi, type Api } from './open-api.ts'

const ASKED = {
  exchange: 'binance',
  market: 'perp',
  symbols: ['BTCUSDT'],
  channels: ['trades', 'candles'],
}

function startedBy({ feeds }: Api): readonly string[] {
  return feeds.started.map(({ assignment }) =>
    [
      assignmentId(assignment),
      ...assignment.wanted.map(({ symbol, channels }) => `${symbol} ${channels.join()}`),
    ].join(': '),
  )
}

describe('POST /feeds', () => {
  it('starts a connection for each URL, and nothing for what is collected already', async () => {
    const api = openApi()
    const { status, body } = await api.post('/feeds', ASKED)
    expect(status).toBe(202)
    expect(startedBy(api)).toEqual([
      'binance/perp/public-0/1: BTCUSDT trades',
      'binance/perp/market-0/1: BTCUSDT candles',
    ])
    expect(body.connections).toMatchObject([{ started: true }, { started: true }])
    const again = await api.post('/feeds', ASKED)
    expect(again.body.connections).toMatchObject([{ started: false }, { started: false }])
    expect(api.feeds.started).toHaveLength(2)
  })

  it('leaves what is collected alone, and gives more a connection of its own', async () => {
    const api = openApi()
    await api.post('/feeds', ASKED)
    const more = { ...ASKED, symbols: ['BTCUSDT', 'ETHUSDT'], channels: ['trades', 'bbo'] }
    await api.post('/feeds', more)
    expect(startedBy(api).slice(2)).toEqual([
      'binance/perp/public-1/1: BTCUSDT bbo: ETHUSDT trades,bbo',
    ])
  })

  it('collects several times on demand', async () => {
    const api = openApi()
    await api.post('/feeds', { ...ASKED, channels: ['trades'], replicas: 2 })
    expect(startedBy(api)).toEqual([
      'binance/perp/public-0/1: BTCUSDT trades',
      'binance/perp/public-0/2: BTCUSDT trades',
    ])
  })

  it('starts nothing twice, though the list does not know yet of what was just started', async () => {
    const api = openApi()
    await api.post('/feeds', { ...ASKED, channels: ['trades'] })
    api.feeds.unlisted.add('binance/perp/public-0/1')
    const { body } = await api.post('/feeds', { ...ASKED, channels: ['trades', 'bbo'] })
    expect(startedBy(api).slice(1)).toEqual(['binance/perp/public-1/1: BTCUSDT bbo'])
    expect(body.connections).toMatchObject([
      { id: 'binance/perp/public-0/1', started: false },
      { id: 'binance/perp/public-1/1', started: true },
    ])
  })

  it('says that nothing is collected as long as nobody takes feeds, and that names were not checked', async () => {
    const api = openApi()
    api.feeds.hosts = false
    const { body } = await api.post('/feeds', ASKED)
    expect(body.warnings).toEqual([
      expect.stringMatching(/names were not checked/),
      expect.stringMatching(/no worker takes feeds: .* BACKTIDE_ROLES=live/),
    ])
  })

  it.each([
    ['a market nobody collects', { market: 'future' }, '/market', /there are hyperliquid perp/],
    ['a channel it does not send', { channels: ['open_interest'] }, '/channels', /it sends trades/],
    ['a symbol that cannot be one', { symbols: ['btc/../x'] }, '/symbols', /has no "btc/],
    ['an address of its own', { baseUrl: 'ws://10.0.0.1' }, '/baseUrl', /./],
    ['no symbol', { symbols: [] }, '/symbols', /./],
  ])('refuses %s', async (_what, wrong, pointer, detail) => {
    const api = openApi()
    const { status, body } = await api.post('/feeds', { ...ASKED, ...wrong })
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([
      { pointer, detail: expect.stringMatching(detail) as string },
    ])
    expect(api.feeds.started).toEqual([])
  })

  it('refuses symbols that nobody trades there, where the instruments are known', async () => {
    const api = openApi()
    const facts = { exchange: 'hyperliquid', market: 'perp', base: 'B', quote: 'Q', settle: 'S' }
    const seen = { aliases: [], firstSeen: NOW, seenAt: NOW }
    api.store.instruments.push({ ...facts, ...seen, symbol: 'BTC' })
    const asked = { exchange: 'hyperliquid', market: 'perp', channels: ['trades'] }
    const { body } = await api.post('/feeds', { ...asked, symbols: ['BTC', 'BTX'] })
    expect(body.errors).toMatchObject([{ detail: expect.stringMatching(/has no "BTX"/) as string }])
    expect((await api.post('/feeds', { ...asked, symbols: ['BTC'] })).body.warnings).toEqual([])
  })

  it('refuses more connections than a venue allows', async () => {
    const api = openApi()
    const asked = { exchange: 'hyperliquid', market: 'perp', channels: ['trades'] }
    for (const symbol of ['A', 'B', 'C', 'D', 'E']) {
      expect((await api.post('/feeds', { ...asked, symbols: [symbol] })).status).toBe(202)
    }
    const { status, body } = await api.post('/feeds', { ...asked, symbols: ['F'] })
    expect(status).toBe(422)
    expect(body.detail).toMatch(/allows 5 connections.*cancel one/)
  })
})

const ASSIGNMENT: Assignment = {
  exchange: 'binance',
  market: 'spot',
  connection: 'stream-0',
  replica: 1,
  wanted: [{ symbol: 'BTCUSDT', channels: ['trades'] }],
}
const PROGRESS: CollectProgress = {
  server: 'host-1',
  state: 'running',
  durable: '2026-11-21T12:29:59.123456789',
  messages: 12,
  bytes: 3400,
  connects: 1,
  openHoles: 0,
  waiting: ['btcusdt@trade'],
}

function withRun(run: Partial<FeedRun>): Api {
  const api = openApi()
  api.feeds.runs.set(assignmentId(ASSIGNMENT), { assignment: ASSIGNMENT, ...run })
  return api
}

const AT_WORK = { type: 'collect', atWork: true, attempt: 1 }

describe('GET /feeds', () => {
  it('shows a connection as its host says it is', async () => {
    const { body } = await withRun({ pending: AT_WORK, progress: PROGRESS }).get('/feeds')
    expect(body).toEqual({
      connections: [
        {
          id: 'binance/spot/stream-0/1',
          exchange: 'binance',
          market: 'spot',
          connection: 'stream-0',
          replica: 1,
          feeds: [{ symbol: 'BTCUSDT', channels: ['trades'] }],
          temporalUi: expect.stringContaining('collect%2Fbinance%2Fspot%2Fstream-0%2F1') as string,
          state: 'running',
          host: 'host-1',
          durable: PROGRESS.durable,
          messages: 12,
          bytes: 3400,
          connects: 1,
          openHoles: 0,
          withoutData: ['btcusdt@trade'],
        },
      ],
      warnings: [],
    })
  })

  it.each<[string, Partial<FeedRun>, object]>([
    ['paused', { paused: { reason: 'disk' }, progress: PROGRESS }, { reason: 'disk', host: null }],
    ['connecting', { pending: AT_WORK }, { host: null, messages: 0 }],
    ['waiting', { pending: { ...AT_WORK, atWork: false } }, { host: null }],
    [
      'retrying',
      { pending: { ...AT_WORK, atWork: false, error: 'disk full' } },
      { reason: 'disk full' },
    ],
  ])('says what is %s', async (state, run, more) => {
    const { body } = await withRun(run).get('/feeds')
    expect(body.connections).toMatchObject([{ state, ...more }])
  })

  it('fails within its deadline while Temporal is away', async () => {
    const api = openApi()
    api.feeds.away = true
    expect(await api.get('/feeds')).toMatchObject({
      status: 503,
      body: { code: 'temporal_unavailable' },
    })
  })
})

describe('a connection', () => {
  it.each(['pause', 'resume', 'cancel'])('takes %s, with the reason', async (verb) => {
    const api = withRun({})
    const id = assignmentId(ASSIGNMENT)
    expect((await api.post(`/feeds/${verb}`, { id, reason: 'disk' })).status).toBe(202)
    expect(api.feeds.steered).toEqual([{ id, verb, reason: 'disk' }])
    const unknown = await api.post(`/feeds/${verb}`, { id: 'x/y/z/1' })
    expect(unknown).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })
})

describe('GET /holes', () => {
  const hole: HoleRow = {
    from: '2026-11-21T12:00:00.000001Z',
    until: null,
    exchange: 'binance',
    market: 'spot',
    symbol: 'BTCUSDT',
    channel: 'trades',
    stream: 'btcusdt@trade',
    server: 'host-1',
    cause: 'silent',
    state: 'open',
    evidence: null,
  }

  it('lists open ones, says whether there are more, and passes on what is asked for', async () => {
    const api = openApi()
    api.store.holes.push(hole, hole)
    const { server, ...rest } = hole
    const { body } = await api.get('/holes?limit=1&symbol=BTCUSDT&from=2026-11-21')
    expect(body).toEqual({ holes: [{ ...rest, host: server }], more: true })
    expect(api.store.asked.holes).toMatchObject({
      symbol: 'BTCUSDT',
      states: ['open'],
      from: Date.UTC(2026, 10, 21),
      limit: 2,
    })
    await api.get('/holes?state=all')
    expect(api.store.asked.holes?.states).toContain('refuted')
  })

  it.each(['from=yesterday', 'state=gone', 'channel=x', 'limit=0', 'sort=1'])(
    'refuses %s',
    async (query) => {
      expect((await openApi().get(`/holes?${query}`)).status).toBe(422)
    },
  )
})
