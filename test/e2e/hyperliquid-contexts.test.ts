import { identifier, sql, trusted } from '@backtide/store/sql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NUMBERS as COLUMNS } from '../contract/oracle/contexts.ts'
import { writeFrame } from '../contract/lz4-writer.ts'
import { openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { infoFunding, openInfoServer, type InfoServer } from '../helpers/info-server.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const DAY = servers.nextDay()
const START = Date.parse(DAY)
const [MINUTE, HOUR] = [60_000, 3_600_000]
const COIN = 'CTXA'

/** What was paid on the day, by the hour, and at a minute that the archive does not have. */
const PAID = infoFunding(COIN, START, 24)
const LATE = { at: START + 7 * HOUR + 5 * MINUTE + 80, rate: 0.0003, premium: 0.0009 }
const late = {
  coin: COIN,
  fundingRate: String(LATE.rate),
  premium: String(LATE.premium),
  time: LATE.at,
}
const records = new Map([
  ['fundingHistory BTC', infoFunding('BTC', Date.UTC(2025, 0, 1), 48)],
  [
    `fundingHistory ${COIN}`,
    [...PAID, { at: LATE.at, record: late }].toSorted((a, b) => a.at - b.at),
  ],
])

let backtide: Backtide
let info: InfoServer
let worker: AsyncDisposable

beforeAll(async () => {
  info = await openInfoServer({ records })
  backtide = await openBacktide(servers)
  const sources = { 'hyperliquid-info': { baseUrl: info.url } }
  worker = await startWorker(servers, { sources })
  await archive.put(keyOf(DAY), objectOf(CONTEXTS))
})

afterAll(async () => {
  for (const one of [worker, backtide, info]) await one[Symbol.asyncDispose]()
})

/** A context, its cells as the archive writes them. */
interface Context {
  /** UTC milliseconds. */
  readonly at: number
  readonly coin: string
  readonly cells: Readonly<Record<string, string>>
}

/** Every ten minutes of the day; off-grid ones, absent values and a coin near its delisting among them. */
const CONTEXTS: readonly Context[] = Array.from({ length: 145 }, (_, at) => {
  const minute = Math.min(at * 10, 1439)
  return [contextOf(minute * MINUTE, COIN, at), contextOf(minute * MINUTE, 'CTXB', at)]
})
  .flat()
  .concat([
    contextOf(20 * MINUTE + 17_250, COIN, 900),
    contextOf(40 * MINUTE + 59_999, 'CTXB', 901),
  ])

function contextOf(at: number, coin: string, seed: number): Context {
  const isDying = coin === 'CTXB' && seed % 3 === 0
  const prices = Object.fromEntries(
    COLUMNS.map((name, place) => [name, String(1000 + seed + place / 8)]),
  )
  const cells = {
    ...prices,
    funding: (seed * 1.25e-7).toFixed(9),
    premium: (seed * -1e-7).toFixed(9),
    ...(isDying && { open_interest: '-2.5', mark_px: '0.0', mid_px: '', premium: 'null' }),
  }
  return { at: START + at, coin, cells }
}

function objectOf(contexts: readonly Context[]): Buffer {
  const lines = contexts.map(({ at, coin, cells }) => {
    const time = new Date(at).toISOString().replace('.000', '')
    return [time, coin, ...COLUMNS.map((name) => cells[name])].join(',')
  })
  return writeFrame(Buffer.from(`${['time,coin,' + COLUMNS.join(), ...lines].join('\n')}\n`))
}

function keyOf(day: string): string {
  return `asset_ctxs/${day.replaceAll('-', '')}.csv.lz4`
}

/** The value of a cell; null for what the archive says none by. */
function valueOf({ cells }: Context, name: string): number | null {
  const { [name]: text = '' } = cells
  const value = Number(text)
  if (text === '' || text === 'null') return null
  const isPrice = name.endsWith('_px') || name === 'open_interest'
  return isPrice && value === 0 ? null : value
}

/** The last context of every minute of a coin, at its minute. */
function byMinute(coin: string): readonly Context[] {
  const last = new Map<number, Context>()
  const own = CONTEXTS.filter((one) => one.coin === coin).toSorted((a, b) => a.at - b.at)
  for (const one of own) last.set(one.at - (one.at % MINUTE), one)
  return [...last].map(([at, one]) => ({ ...one, at }))
}

const textOf = (at: number) => `${new Date(at).toISOString().slice(0, -1)}000Z`

async function load(dataset: string, day = DAY, more: object = {}) {
  const to = new Date(Date.parse(day) + 24 * HOUR).toISOString().slice(0, 10)
  return await backtide.ended(await backtide.start({ dataset, from: day, to, ...more }))
}

async function rowsOf(view: string, columns: string, coin: string) {
  return await backtide.store.db.query(
    sql`SELECT ${trusted(columns)} FROM ${identifier(view)}
      WHERE symbol = ${coin} AND ts IN ${DAY} ORDER BY ts`,
  )
}

describe('the datasets over one object of contexts', () => {
  it('each make of it what an independent computation does', async () => {
    const all = await Promise.all(
      ['asset_ctxs', 'market_data', 'funding_archive', 'open_interest'].map((kind) =>
        load(`hyperliquid.${kind}`),
      ),
    )
    for (const status of all) expect(status).toMatchObject({ counts: { complete: 1 } })
    const raw = CONTEXTS.filter(({ coin }) => coin === 'CTXB').toSorted((a, b) => a.at - b.at)
    expect(await rowsOf('asset_ctxs', `ts, market, ${COLUMNS.join()}`, 'CTXB')).toEqual(
      raw.map((one) => [textOf(one.at), 'perp', ...COLUMNS.map((name) => valueOf(one, name))]),
    )
    const minutes = byMinute('CTXB')
    expect(
      await rowsOf(
        'open_interest',
        'ts, open_interest, notional, day_base_volume, day_notional_volume',
        'CTXB',
      ),
    ).toEqual(
      minutes.map((one) => {
        const [interest, mark] = [valueOf(one, 'open_interest'), valueOf(one, 'mark_px')]
        const notional = interest === null || mark === null ? null : interest * mark
        return [textOf(one.at), interest, notional, null, valueOf(one, 'day_ntl_vlm')]
      }),
    )
    expect(
      await rowsOf('funding', 'ts, rate, premium, mark_price, oracle_price, mid_price', 'CTXB'),
    ).toEqual(
      minutes.map((one) => [
        textOf(one.at),
        ...['funding', 'premium', 'mark_px', 'oracle_px', 'mid_px'].map((name) =>
          valueOf(one, name),
        ),
      ]),
    )
  })

  it("answer AnySignal's own queries as they are", async () => {
    const [[count] = []] = await backtide.store.db.query(
      sql`SELECT count() FROM market_data WHERE source = 'HYPERLIQUID_S3'
        AND ts >= ${`${DAY}T00:00:00Z`} AND ts < ${`${DAY}T23:59:59Z`} AND ticker = 'CTXB'`,
    )
    const categories = COLUMNS.filter((name) => !name.startsWith('impact'))
    const own = CONTEXTS.filter(({ coin }) => coin === 'CTXB')
    const values = own.flatMap((one) => categories.filter((name) => valueOf(one, name) !== null))
    expect(count).toBe(values.length)
    const interest = await backtide.store.db.query(
      sql`SELECT ts, value FROM market_data WHERE ticker = 'CTXB' AND category = 'open_interest'
        AND source = 'HYPERLIQUID_S3' ORDER BY ts`,
    )
    expect(interest).toEqual(
      own
        .toSorted((a, b) => a.at - b.at)
        .map((one) => [textOf(one.at), valueOf(one, 'open_interest')]),
    )
  })

  it('call a day degraded that ends too soon, all of them', async () => {
    const day = servers.nextDay()
    const shift = Date.parse(day) - START
    const half = CONTEXTS.filter(({ at }) => at < START + 12 * HOUR)
    await archive.put(keyOf(day), objectOf(half.map((one) => ({ ...one, at: one.at + shift }))))
    for (const kind of ['market_data', 'funding_archive', 'open_interest']) {
      const status = await load(`hyperliquid.${kind}`, day)
      expect(status).toMatchObject({ counts: { degraded: 1 } })
    }
  })
})

describe('funding of two origins', () => {
  const COLUMNS_SEEN = 'ts, rate, premium, mark_price, oracle_price, mid_price'

  it('is one row a minute, of which no null hides a value, before and after the poorer one is loaded', async () => {
    const before = await rowsOf('funding', COLUMNS_SEEN, COIN)
    const seen = (one: Context) => [
      textOf(one.at),
      ...['funding', 'premium', 'mark_px', 'oracle_px', 'mid_px'].map((name) => valueOf(one, name)),
    ]
    expect(before).toEqual(byMinute(COIN).map(seen))
    const status = await load('hyperliquid.funding', DAY, { coins: [COIN] })
    expect(status).toMatchObject({ counts: { complete: 1 }, rows: 25 })
    const added = [textOf(LATE.at - (LATE.at % MINUTE)), LATE.rate, LATE.premium, null, null, null]
    const after = [...before, added].toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
    expect(await rowsOf('funding', COLUMNS_SEEN, COIN)).toEqual(after)
    const [[stored] = []] = await backtide.store.db.query(
      sql`SELECT count() FROM funding_all WHERE symbol = ${COIN} AND ts IN ${DAY}`,
    )
    expect(stored).toBe(before.length + 25)
  })

  it('can be sampled and joined by time, and looks only at the days that are asked for', async () => {
    const sampled = await backtide.store.db.query(
      sql`SELECT ts, count() FROM funding WHERE symbol = ${COIN} AND ts IN ${DAY} SAMPLE BY 6h`,
    )
    expect(sampled.map(([, count]) => count)).toEqual([36, 37, 36, 37])
    const joinedByTime = await backtide.store.db.query(
      sql`SELECT o.ts, f.mark_price FROM (open_interest WHERE symbol = ${COIN} AND ts IN ${DAY}) o
        ASOF JOIN (funding WHERE ts IN ${DAY}) f ON symbol LIMIT 3`,
    )
    const [first, second, third] = byMinute(COIN)
    expect(joinedByTime).toEqual(
      [first, second, third].map((one) => one && [textOf(one.at), valueOf(one, 'mark_px')]),
    )
    const plan = await backtide.store.db.query(
      sql`EXPLAIN SELECT * FROM funding WHERE ts IN ${DAY} AND symbol = ${COIN}`,
    )
    expect(plan.join('\n')).toContain(`intervals: [("${DAY}T00:00:00.000000Z"`)
    expect(plan.join('\n')).toContain(`symbol='${COIN}'`)
  })
})
