import { putInstruments } from '@backtide/store/instruments/instruments'
import { sql } from '@backtide/store/sql'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBacktide, SOURCE_KEYS, startWorker, type Backtide } from '../helpers/backtide.ts'
import {
  fearGreedValues,
  openFearGreedServer,
  type FearGreedServer,
} from '../helpers/fear-greed-server.ts'
import {
  infoCandles,
  infoFunding,
  openInfoServer,
  type InfoRecord,
  type InfoServer,
} from '../helpers/info-server.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const TODAY = Math.floor(Date.now() / DAY) * DAY
const FROM = TODAY - 3 * DAY
const RANGE = { from: dayOf(FROM), to: dayOf(TODAY) }

/** Weight of a real minute that the workers may use, and what the endpoint allows in 3 s of it. */
const PER_MINUTE = 6_000
const IN_THREE_SECONDS = PER_MINUTE / 6 + (PER_MINUTE * 5) / 6 / 20

const COINS = Array.from({ length: 34 }, (_, index) => `COIN${index}`)
const records = new Map<string, readonly InfoRecord[]>([
  ['candleSnapshot BTC 1w', infoCandles('BTC', '1w', 7 * DAY, Date.UTC(2024, 11, 30), 60)],
  ['fundingHistory BTC', infoFunding('BTC', Date.UTC(2025, 0, 1), 48)],
  ['candleSnapshot HYPE 1h', infoCandles('HYPE', '1h', HOUR, FROM, 73)],
  ['candleSnapshot HYPE 1d', infoCandles('HYPE', '1d', DAY, TODAY - 90 * DAY, 91)],
  ['candleSnapshot YOUNG 1d', infoCandles('YOUNG', '1d', DAY, TODAY - 4 * DAY, 5)],
  ['fundingHistory YOUNG', infoFunding('YOUNG', TODAY - 4 * DAY, 96)],
  ['candleSnapshot @107 1h', infoCandles('@107', '1h', HOUR, FROM, 73)],
  ...COINS.map(
    (coin) => [`fundingHistory ${coin}`, infoFunding(coin, TODAY - 20 * DAY, 480)] as const,
  ),
])

const documents = new Map<string, unknown>([
  ['spotMeta', { tokens: [{ name: 'USDC', index: 0 }], universe: [] }],
  ['perpDexs', [null]],
  ['meta ', { universe: [{ name: 'HYPE' }, { name: 'YOUNG' }], collateralToken: 0 }],
])

const FEAR_GREED = fearGreedValues(TODAY, 1_230)

let backtide: Backtide
let info: InfoServer
let fearGreed: FearGreedServer
const workers: AsyncDisposable[] = []

beforeAll(async () => {
  info = await openInfoServer({
    records,
    documents,
    perMinute: IN_THREE_SECONDS * 1.1,
    minuteMs: 3_000,
  })
  const [key = ''] = SOURCE_KEYS.values()
  fearGreed = await openFearGreedServer({ key, values: FEAR_GREED })
  backtide = await openBacktide(servers)
  const sources = {
    'hyperliquid-info': { baseUrl: info.url, weightPerMinute: PER_MINUTE },
    coinmarketcap: { baseUrl: fearGreed.url, weightPerMinute: 1_000 },
  }
  workers.push(await startWorker(servers, { sources }), await startWorker(servers, { sources }))
})

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
  await Promise.all([info, fearGreed, backtide].map((one) => one[Symbol.asyncDispose]()))
})

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

const micros = (at: number) => `${new Date(at).toISOString().slice(0, -1)}000Z`

async function candles(symbol: string) {
  return await backtide.store.db.query(
    sql`SELECT interval, ts, market, open, high, low, close, volume, trades, closed FROM candles
      WHERE exchange = 'hyperliquid' AND origin = 'rest' AND symbol = ${symbol} ORDER BY interval, ts`,
  )
}

interface InfoCandle {
  readonly t: number
  readonly i: string
  readonly n: number
  readonly o: string
  readonly h: string
  readonly l: string
  readonly c: string
  readonly v: string
}

function expectedCandles(series: string, market: string, from: number) {
  const inside = (records.get(`candleSnapshot ${series}`) ?? []).filter(
    ({ at }) => at >= from && at < TODAY,
  )
  return inside.map(({ record }) => {
    const { t, i, n, o, h, l, c, v } = record as InfoCandle
    return [i, micros(t), market, ...[o, h, l, c, v].map(Number), n, true]
  })
}

it('loads candles at several intervals, of spot as well, and asks for none of them twice', async () => {
  const body = {
    dataset: 'hyperliquid.candles',
    coins: ['HYPE'],
    intervals: ['1h', '1d'],
    ...RANGE,
  }
  const status = await backtide.ended(await backtide.start(body))
  expect(status).toMatchObject({ state: 'complete', counts: { complete: 6 }, rows: 75 })
  expect(await candles('HYPE')).toEqual([
    ...expectedCandles('HYPE 1d', 'perp', FROM),
    ...expectedCandles('HYPE 1h', 'perp', FROM),
  ])
  await backtide.ended(await backtide.start({ ...body, coins: ['@107'], intervals: ['1h'] }))
  expect(await candles('@107')).toEqual(expectedCandles('@107 1h', 'spot', FROM))
  const asked = info.asked.length
  await backtide.ended(await backtide.start({ ...body, concurrency: 2 }))
  // Only preflight asks whether the venue is there.
  expect(info.asked.length - asked).toBe(1)
})

it('has instants in the history of Temporal that people can read', async () => {
  const body = { dataset: 'hyperliquid.candles', coins: ['HYPE'], intervals: ['1d'], ...RANGE }
  const id = await backtide.start(body)
  await backtide.ended(id)
  const { events } = await backtide.client.workflow.getHandle(id).fetchHistory()
  const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
  const text = new TextDecoder().decode(input?.data ?? undefined)
  expect(text).toContain(`"from":"${RANGE.from}T00:00:00.000Z","to":"${RANGE.to}T00:00:00.000Z"`)
  expect(text).not.toContain(String(FROM))
})

it('leaves out days that the venue has dropped, and calls coins pending that it does not know', async () => {
  const body = { dataset: 'hyperliquid.candles', intervals: ['1h'], ...RANGE }
  const unknown = await backtide.ended(await backtide.start({ ...body, coins: ['NOPE'] }))
  expect(unknown).toMatchObject({ state: 'incomplete', counts: { pending: 3 }, rows: 0 })
  const old = { from: dayOf(TODAY - 400 * DAY), to: dayOf(TODAY - 399 * DAY) }
  const hype = { ...body, coins: ['HYPE'] }
  const gone = await backtide.call('POST', '/backfills', { ...hype, ...old })
  expect(gone.status).toBe(422)
  const some = { from: dayOf(TODAY - 60 * DAY), to: dayOf(TODAY - 59 * DAY) }
  const id = await backtide.start({ ...hype, intervals: ['1m', '1h'], ...some })
  const counts = { missing: 1, complete_empty: 1 }
  const end = await backtide.ended(id)
  expect(end.counts).toEqual(counts)
})

it('stays below what the venue allows an address, with several workers at once', async () => {
  const body = { dataset: 'hyperliquid.funding', coins: COINS, ...RANGE, concurrency: 2 }
  const status = await backtide.ended(await backtide.start(body))
  expect(status).toMatchObject({ state: 'complete', counts: { complete: 102 }, rows: 34 * 72 })
  const spent = info.asked.filter(({ coin }) => coin.startsWith('COIN'))
  expect(spent.reduce((sum, { weight }) => sum + weight, 0)).toBeGreaterThan(IN_THREE_SECONDS)
  expect(info.refused).toBe(0)
  const rows = await backtide.store.db.query(
    sql`SELECT ts, rate, premium FROM funding WHERE symbol = 'COIN7' AND ts >= ${RANGE.from} ORDER BY ts`,
  )
  const expected = (records.get('fundingHistory COIN7') ?? []).filter(
    ({ at }) => at >= FROM && at < TODAY,
  )
  expect(rows).toEqual(
    expected.map(({ at, record }) => {
      const { fundingRate, premium } = record as { fundingRate: string; premium: string }
      return [
        micros(at - (at % 60_000)),
        Number(fundingRate),
        premium === 'NaN' ? null : Number(premium),
      ]
    }),
  )
})

it('knows when instruments were listed, and asks for nothing and misses nothing before', async () => {
  const sync = await backtide.call('POST', '/instruments/sync', { exchange: 'hyperliquid' })
  expect(sync.status).toBe(202)
  const { id } = (await sync.json()) as { readonly id: string }
  const result = (await backtide.client.workflow.getHandle(id).result()) as unknown
  expect(result).toEqual({ instruments: 2, dated: 2 })
  const listed = await backtide.call('GET', '/instruments?market=perp')
  expect(await listed.json()).toMatchObject({
    // The first candle of either has no trades.
    instruments: [
      { symbol: 'HYPE', listed: dayOf(TODAY - 89 * DAY), delisted: null, datesFrom: 'candles' },
      { symbol: 'YOUNG', listed: dayOf(TODAY - 3 * DAY), quote: 'USDC', aliases: ['YOUNG/USD'] },
    ],
  })
  const asked = info.asked.length
  const body = { dataset: 'hyperliquid.funding', from: dayOf(TODAY - 9 * DAY), to: dayOf(TODAY) }
  const first = await backtide.ended(await backtide.start({ ...body, coins: ['YOUNG/USD'] }))
  const counts = { not_listed: 5, complete: 4 }
  expect(first).toMatchObject({ state: 'complete', counts, rows: 96 })
  const about = info.asked.slice(asked).filter(({ coin }) => coin === 'YOUNG')
  expect(about.every(({ type }) => type === 'fundingHistory')).toBe(true)

  // Dates that were wrong: what they called not listed is looked at again.
  const [young] = (await backtide.store.listInstruments('hyperliquid')).slice(1)
  if (!young) throw new Error('YOUNG is not known')
  await putInstruments(backtide.store.db, [{ ...young, listed: TODAY - 7 * DAY }])
  const again = await backtide.ended(await backtide.start({ ...body, coins: ['YOUNG'] }))
  const corrected = { not_listed: 1, complete: 4, complete_empty: 4 }
  expect(again.counts).toEqual(corrected)
})

it("loads CoinMarketCap's fear and greed by the day into market_data, and says its key nowhere", async () => {
  const [from, to] = [TODAY - 1_200 * DAY, TODAY - 1_190 * DAY]
  const body = { dataset: 'coinmarketcap.fear_greed', from: dayOf(from), to: dayOf(to) }
  const id = await backtide.start(body)
  const status = await backtide.ended(id)
  expect(status).toMatchObject({ state: 'complete', counts: { complete: 10 }, rows: 10 })
  const rows = await backtide.store.db.query(
    sql`SELECT ts, category, ticker, value FROM market_data WHERE source = 'COINMARKETCAP' ORDER BY ts`,
  )
  const days = FEAR_GREED.slice(1_191, 1_201).toReversed()
  expect(rows).toEqual(
    days.map(({ timestamp, value }) => [
      micros(Number(timestamp) * 1000),
      'fear_and_greed',
      'CRYPTO',
      value,
    ]),
  )
  // Three pages for all the days, asked for by each of the two workers, and one to see whether it is there.
  expect(fearGreed.credits).toBeLessThanOrEqual(7)
  const [key = ''] = SOURCE_KEYS.values()
  const history = await backtide.client.workflow.getHandle(id).fetchHistory()
  const shown = await backtide.call('GET', `/backfills/${id}/partitions?limit=10`)
  expect(JSON.stringify(history)).not.toContain(key)
  expect(Buffer.from(JSON.stringify(history)).toString()).not.toContain(btoa(key))
  expect(await shown.text()).not.toContain(key)
})
