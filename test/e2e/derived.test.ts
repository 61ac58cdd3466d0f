import { readFileSync } from 'node:fs'
import { identifier, instant, sql, trusted } from '@backtide/store/sql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DerivedView } from '@backtide/api/derived/schemas'
import { FIXTURES } from '../contract/fixture.ts'
import { writeFrame } from '../contract/lz4-writer.ts'
import { openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import {
  candlesOf,
  dailyOf,
  fillMinutesOf,
  marketOf,
  usersOf,
  type FillRow,
} from '../helpers/derived-oracle.ts'
import { blockLines, nodeObject, type Match } from '../helpers/fills.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3, 'hl-mainnet-node-data')
const contexts = openArchive(servers.s3)
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
let backtide: Backtide
let worker: AsyncDisposable

beforeAll(async () => {
  backtide = await openBacktide(servers)
  const { region } = servers.s3
  worker = await startWorker(servers, { sources: { 'hyperliquid-node-data': { region } } })
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

async function load(dataset: string, from: number, to: number, more: object = {}) {
  const [first, last] = [from, to].map((at) => new Date(at).toISOString())
  return await backtide.ended(await backtide.start({ dataset, from: first, to: last, ...more }))
}

async function derived(name: string): Promise<DerivedView> {
  const answer = await backtide.call('GET', '/derived')
  const { derived: all } = (await answer.json()) as { derived: DerivedView[] }
  return all.find((one) => one.name === name) as DerivedView
}

/** Waits until some days are made of what their base is now, and nobody is at work. */
async function made(name: string, ...days: readonly number[]): Promise<void> {
  const keys = days.map((day) => new Date(day).toISOString().slice(0, 10))
  await waitUntil(`${name} of ${keys.join(', ')} to be made`, async () => {
    const { open, work, reason } = await derived(name)
    if (work === 'failed') throw new Error(`${name} failed: ${reason}`)
    return work === 'idle' && !open.some((day) => keys.includes(day))
  })
}

/** Rows of a view with the values of columns as an object each, by time and symbol. */
async function rowsOf(view: string, columns: readonly string[], day: number, where = 'true') {
  const names = trusted(columns.map((name) => `"${name}"`).join(', '))
  const rows = await backtide.store.db.query(
    sql`SELECT ${names} FROM ${identifier(view)} WHERE ts >= ${instant(day)}
      AND ts < ${instant(day + DAY)} AND ${trusted(where)}`,
  )
  return rows
    .map((row) => Object.fromEntries(columns.map((name, at) => [name, rounded(row[at])])))
    .toSorted(byText)
}

/** Sums of doubles depend on their order in the last digits. */
function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(12)) : value
}

function expected(rows: readonly object[]) {
  return rows
    .map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, rounded(value)])),
    )
    .toSorted(byText)
}

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

async function expectEqual(view: string, day: number, rows: readonly object[], where?: string) {
  const [first] = rows
  if (!first) throw new Error('nothing is expected')
  expect(await rowsOf(view, Object.keys(first), day, where)).toEqual(expected(rows))
}

/** Transactions that QuestDB has of a table. */
async function transactionsOf(table: string): Promise<unknown> {
  const [row] = await backtide.store.db.query(
    sql`SELECT sequencerTxn FROM wal_tables() WHERE name = ${table}`,
  )
  return row?.[0]
}

describe('what is made of the fills of a fixture and of the contexts of its day', () => {
  const day = Date.UTC(2026, 5, 28)
  const name = '2026-06-28T08.all'
  const folder = new URL('hyperliquid.fills/', FIXTURES)
  const { rows: fills } = JSON.parse(
    readFileSync(new URL(`${name}.expected.json`, folder), 'utf8'),
  ) as { rows: readonly FillRow[] }
  const states = [0, 20_000, MINUTE, 43 * MINUTE + 5_000].map((after, at) => {
    return { at: day + 8 * HOUR + after, coin: at === 2 ? 'SOL' : 'BTC', seed: at + 1 }
  })

  it('is what an independent computation makes of them', async () => {
    await archive.put(
      'node_fills_by_block/hourly/20260628/8.lz4',
      readFileSync(new URL(`${name}.lz4`, folder)),
    )
    await contexts.put('asset_ctxs/20260628.csv.lz4', contextObject(states))
    await load('hyperliquid.fills', day + 8 * HOUR, day + 9 * HOUR)
    await load('hyperliquid.asset_ctxs', day, day + DAY)
    for (const one of ['fills_1m', 'daily_stats', 'user_stats', 'market_1m']) await made(one, day)
    await expectEqual('fills_1m', day, fillMinutesOf(fills))
    await expectEqual('daily_stats', day, dailyOf(fills))
    await expectEqual('user_stats', day, usersOf(fills))
    await expectEqual('market_1m', day, marketOf(fills, states))
    const stats = ['symbol', 'volume', 'users', 'fills', 'quote_turnover', 'liquidation_fills']
    const [shown] = await backtide.store.db.query(
      sql`SELECT volume, users, fills, liquidation_fills FROM hl_daily_stats
        WHERE day = ${instant(day)} AND coin = 'BTC'`,
    )
    const kept = (await rowsOf('daily_stats', stats, day)).find(({ symbol }) => symbol === 'BTC')
    expect(shown).toEqual([kept?.volume, kept?.users, kept?.fills, kept?.liquidation_fills])
  })

  it('is not written a second time, and empties when the hour is forgotten', async () => {
    const tables = ['fills_1m_all', 'daily_stats_all', 'user_stats_all', 'derived_days']
    const before = await Promise.all(tables.slice(0, 3).map(transactionsOf))
    await load('hyperliquid.fills', day + 8 * HOUR, day + 9 * HOUR)
    for (const one of ['fills_1m', 'daily_stats', 'user_stats']) await made(one, day)
    expect(await Promise.all(tables.slice(0, 3).map(transactionsOf))).toEqual(before)
    const body = {
      dataset: 'hyperliquid.fills',
      from: new Date(day + 8 * HOUR).toISOString(),
      to: new Date(day + 9 * HOUR).toISOString(),
    }
    expect(await backtide.call('POST', '/ledger/reset', body)).toMatchObject({ status: 200 })
    for (const one of ['fills_1m', 'daily_stats', 'user_stats']) {
      await made(one, day)
      expect(await rowsOf(one, ['ts'], day)).toEqual([])
    }
    await load('hyperliquid.fills', day + 8 * HOUR, day + 9 * HOUR)
    for (const one of ['fills_1m', 'user_stats']) await made(one, day)
    await expectEqual('fills_1m', day, fillMinutesOf(fills))
  })

  it('is made again when all of it is dropped', async () => {
    const table = sql`SELECT id FROM tables() WHERE table_name = 'user_stats_all'`
    const before = await backtide.store.db.query(table)
    const answer = await backtide.call('POST', '/derived/user_stats/rebuild', {})
    expect(answer.status).toBe(202)
    await waitUntil('the table to be another one', async () => {
      const [row] = await backtide.store.db.query(table)
      return row !== undefined && row[0] !== before[0]?.[0]
    })
    await made('user_stats', day)
    await expectEqual('user_stats', day, usersOf(fills))
  })
})

function contextObject(states: readonly { at: number; coin: string; seed: number }[]): Buffer {
  const columns =
    'funding,open_interest,prev_day_px,day_ntl_vlm,premium,oracle_px,mark_px,mid_px,impact_bid_px,impact_ask_px'
  const lines = states.map(({ at, coin, seed }) => {
    const time = new Date(at).toISOString().replace('.000', '')
    return [time, coin, ...columns.split(',').map((_, place) => seed + place / 8)].join(',')
  })
  return writeFrame(Buffer.from(`${[`time,coin,${columns}`, ...lines].join('\n')}\n`))
}

/** Matches of an hour: two coins, some at the same instant, the first a moment before it. */
function hourOf(start: number, scale = 1): Match[] {
  const hour = start / HOUR
  return Array.from({ length: 61 }, (_, at) => ({
    time: at === 0 ? start - 100 : start + at * 59_000,
    tid: hour * 1_000 + at,
    coin: at % 3 === 0 ? '@107' : 'BTC',
    size: (1 + at / 8) * scale,
    price: 90_000 + ((hour * 7 + at * 13) % 101),
    isBuy: at % 2 === 0,
  }))
}

async function putHours(from: number, hours: number, scale?: number): Promise<Match[]> {
  const all: Match[] = []
  for (let start = from; start < from + hours * HOUR; start += HOUR) {
    const matches = hourOf(start, scale)
    await archive.put(...nodeObject('node_fills_by_block', start, blockLines(matches)))
    all.push(...matches)
  }
  return all
}

const CANDLE = `origin = 'trades' AND exchange = 'hyperliquid'`

describe('candles made of trades', () => {
  // Three days that are one candle of 3d, in a week and a month that are not whole.
  const first = Date.UTC(2025, 9, 6)
  const end = first + 3 * DAY
  let matches: Match[]

  async function expectCandles(day: number, isComplete: (hour: number) => boolean) {
    const loaded = matches.filter(({ tid }) => isComplete(Math.floor(tid / 1000) * HOUR))
    await expectEqual('candles', day, candlesOf(loaded, { day, isComplete }), CANDLE)
  }

  it('have every interval that is whole, closed where nothing can come any more', async () => {
    matches = await putHours(first, 73)
    // The last hour of the first day is not there yet.
    const late = first + 23 * HOUR
    await archive.put(...nodeObject('node_fills_by_block', late, []))
    await load('hyperliquid.trades', first, late)
    await load('hyperliquid.trades', first + DAY, end)
    await made('candles', first, first + DAY, first + 2 * DAY)
    const isThere = (at: number) => at < end && at >= first && at !== late
    await expectCandles(first, isThere)
    await expectCandles(first + 2 * DAY, isThere)
  })

  it('become whole with the hours that were missing, and of three days with the last', async () => {
    await putHours(first + 23 * HOUR, 1)
    await load('hyperliquid.trades', first + 23 * HOUR, end + HOUR)
    await made('candles', first, first + DAY, first + 2 * DAY, end)
    const isThere = (at: number) => at >= first && at <= end
    for (const day of [first, first + DAY, first + 2 * DAY]) {
      await expectCandles(day, isThere)
    }
    expect(
      await rowsOf('candles', ['interval', 'closed'], first, `${CANDLE} AND interval = '3d'`),
    ).toEqual([
      { interval: '3d', closed: true },
      { interval: '3d', closed: true },
    ])
  })

  it('change with a day that was changed, and lose what it does not have any more', async () => {
    const hour = first + DAY + 5 * HOUR
    const fewer = hourOf(hour, 3).filter(({ coin }) => coin === 'BTC')
    await archive.put(...nodeObject('node_fills_by_block', hour, blockLines(fewer)))
    matches = [...matches.filter(({ tid }) => Math.floor(tid / 1000) !== hour / HOUR), ...fewer]
    await load('hyperliquid.trades', hour, hour + HOUR, { reprocess: 'changed' })
    await made('candles', first, first + DAY, first + 2 * DAY)
    const isThere = (at: number) => at >= first && at <= end
    await expectCandles(first + DAY, isThere)
    await expectCandles(first, isThere)
  })

  it('are dropped and made again by a call', async () => {
    const before = await transactionsOf('candles_all')
    const answer = await backtide.call('POST', '/derived/candles/rebuild', {
      from: '2025-10-06',
      to: '2025-10-07',
    })
    expect(answer.status).toBe(202)
    expect(await answer.json()).toMatchObject({ id: 'derive/candles' })
    await waitUntil('the day to be written again', async () => {
      return (await transactionsOf('candles_all')) !== before
    })
    await made('candles', first)
    await expectCandles(first, (at) => at >= first && at <= end)
  })
})
