import { identifier, instant, sql } from '@backtide/store/sql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { countRequests, type Requests } from '../helpers/counting-store.ts'
import { blockLines, fillsOf, MAKER, nodeObject, TAKER, type Match } from '../helpers/fills.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3, 'hl-mainnet-node-data')
const requests: Requests = { opened: [], bodies: [] }
let backtide: Backtide
let worker: AsyncDisposable

beforeAll(async () => {
  backtide = await openBacktide(servers)
  const { region } = servers.s3
  worker = await startWorker(servers, {
    sources: { 'hyperliquid-node-data': { region } },
    objects: (store) => countRequests(store, requests),
  })
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

/** Matches of two coins, one every half minute of an hour. */
function hourOf(start: number, firstTid = start / 1000): Match[] {
  return Array.from({ length: 120 }, (_, at) => ({
    time: start + at * 30_000 + 17,
    tid: firstTid + at,
    coin: at % 3 === 0 ? '@107' : 'BTC',
    size: 1 + at / 8,
  }))
}

async function put(kind: string, start: number, lines: readonly string[]): Promise<void> {
  await archive.put(...nodeObject(kind, start, lines))
}

async function putLines(start: number, matches: readonly Match[]): Promise<void> {
  const fills = matches.flatMap(fillsOf)
  await put(
    'node_fills',
    start,
    fills.map((fill) => JSON.stringify(fill)),
  )
}

async function putBlocks(
  start: number,
  matches: readonly Match[],
  more: readonly unknown[] = [],
): Promise<void> {
  await put('node_fills_by_block', start, blockLines(matches, more))
}

async function putTrades(start: number, matches: readonly Match[]): Promise<void> {
  const lines = matches.map(({ time, tid, coin, size }) => {
    const sides = [tid, tid + 1].map((oid) => ({ user: TAKER, start_pos: '0.0', oid }))
    const at = { time: new Date(time).toISOString().slice(0, -1), px: '94000.0', sz: String(size) }
    return JSON.stringify({ coin, side: 'A', ...at, hash: '0x0', side_info: sides })
  })
  await put('node_trades', start, lines)
}

const HOUR_MS = 3_600_000

async function load(dataset: string, from: number, hours: number, more: object = {}) {
  const [first, last] = [from, from + hours * HOUR_MS].map((at) => new Date(at).toISOString())
  return await backtide.ended(await backtide.start({ dataset, from: first, to: last, ...more }))
}

/** Volume by coin, as a query of readers gives it. */
async function volumes(table: 'trades' | 'fills', from: number, to: number) {
  const once = table === 'fills' ? sql`crossed` : sql`origin = 'archive'`
  const rows = await backtide.store.db.query(
    sql`SELECT symbol, sum(size) FROM ${identifier(table)} WHERE exchange = 'hyperliquid'
      AND ${once} AND ts >= ${instant(from)} AND ts < ${instant(to)} ORDER BY symbol`,
  )
  return Object.fromEntries(rows) as Record<string, number>
}

function volumesOf(matches: readonly Match[]): Record<string, number> {
  const of = (coin: string) =>
    matches.filter((match) => match.coin === coin).reduce((sum, { size }) => sum + size, 0)
  return { '@107': of('@107'), BTC: of('BTC') }
}

describe('the hour in which fills by block begin', () => {
  it('has every fill once, whichever archive has it, and trades have its volume neither half nor double', async () => {
    const seam = Date.UTC(2025, 6, 27, 8)
    const [before, all, after] = [-1, 0, 1].map((at) => hourOf(seam + at * HOUR_MS)) as [
      Match[],
      Match[],
      Match[],
    ]
    await putLines(seam - HOUR_MS, before)
    await putLines(seam, all.slice(0, 70))
    await putBlocks(seam, all.slice(60))
    await putBlocks(seam + HOUR_MS, after)

    const matches = [...before, ...all, ...after]
    for (const dataset of ['hyperliquid.fills', 'hyperliquid.trades']) {
      const status = await load(dataset, seam - HOUR_MS, 3)
      expect(status).toMatchObject({ state: 'complete', counts: { complete: 4 } })
      const table = dataset === 'hyperliquid.fills' ? 'fills' : 'trades'
      expect(await volumes(table, seam - HOUR_MS, seam + 2 * HOUR_MS)).toEqual(volumesOf(matches))
    }
    const [[fills, blocks] = []] = await backtide.store.db.query(
      sql`SELECT count(), count(block_number) FROM fills WHERE ts IN '2025-07-27T08'`,
    )
    expect([fills, blocks]).toEqual([240, 120])

    const asked = requests.opened.length
    await load('hyperliquid.fills', seam - HOUR_MS, 3)
    await load('hyperliquid.trades', seam - HOUR_MS, 3)
    expect(requests.opened.length).toBe(asked)
  })
})

describe('trades of the day on which fills begin', () => {
  it('are those of a node before, and those of fills from then on, in one request', async () => {
    const seam = Date.UTC(2025, 4, 25, 14)
    const [before, after] = [hourOf(seam - HOUR_MS), hourOf(seam)] as [Match[], Match[]]
    await putTrades(seam - HOUR_MS, before)
    await putTrades(seam, after)
    await putLines(seam, after)
    expect(await load('hyperliquid.trades', seam - HOUR_MS, 2)).toMatchObject({
      counts: { complete: 2 },
      rows: 240,
    })
    const found = await volumes('trades', seam - HOUR_MS, seam + HOUR_MS)
    expect(found).toEqual(volumesOf([...before, ...after]))
  })
})

describe('a block with a bad fill', () => {
  it('loses that fill only, and its hour is degraded until the object is replaced', async () => {
    const start = Date.UTC(2025, 8, 10, 3)
    const matches = hourOf(start)
    const [user, fill] = fillsOf(matches[0] as Match)[0]
    await putBlocks(start, matches, [[user, { ...fill, sz: '-1', tid: 1 }], 7])
    expect(await load('hyperliquid.fills', start, 1)).toMatchObject({
      counts: { degraded: 1 },
      rows: 240,
    })
    await putBlocks(start, matches)
    await load('hyperliquid.fills', start, 1, { reprocess: 'changed' })
    expect(await volumes('fills', start, start + HOUR_MS)).toEqual(volumesOf(matches))
    const [stats] = await backtide.store.db.query(
      sql`SELECT volume, users, fills FROM hl_daily_stats
        WHERE day = '2025-09-10T00:00:00.000000Z' AND coin = 'BTC'`,
    )
    expect(stats).toEqual([volumesOf(matches).BTC, 2, 160])
    const users = await backtide.store.db.query(
      sql`SELECT "user", fills, taker_fills FROM hl_user_stats
        WHERE day = '2025-09-10T00:00:00.000000Z' ORDER BY "user"`,
    )
    expect(users).toEqual([
      [TAKER, 120, 120],
      [MAKER, 120, 0],
    ])
    const [first] = await backtide.store.db.query(
      sql`SELECT coin, side, px, sz FROM hl_fills WHERE ts IN '2025-09-10T03' AND "user" = ${MAKER} LIMIT 1`,
    )
    expect(first).toEqual(['@107', 'B', 94_000, 1])
  })
})

describe('an hour that comes late', () => {
  it('is missing, and loaded by the next request once it is there', async () => {
    const start = Date.UTC(2025, 8, 12, 5)
    await putBlocks(start, hourOf(start))
    expect(await load('hyperliquid.trades', start, 2)).toMatchObject({
      counts: { complete: 1, missing: 1 },
    })
    await putBlocks(start + HOUR_MS, hourOf(start + HOUR_MS))
    const status = await load('hyperliquid.trades', start, 2, { reprocess: 'missing' })
    expect(status).toMatchObject({ counts: { complete: 2 } })
    const all = [...hourOf(start), ...hourOf(start + HOUR_MS)]
    expect(await volumes('trades', start, start + 2 * HOUR_MS)).toEqual(volumesOf(all))
  })
})
