import { dayKey } from '@backtide/core/partition'
import { hyperliquidL2Snapshot } from '@backtide/datasets/hyperliquid/l2-snapshot'
import { MARKET_DATA } from '@backtide/datasets/unified/market-data'
import { TRADES } from '@backtide/datasets/unified/trades'
import { copyDay, setAside } from '@backtide/store/adoption/adopt-rows'
import { foreignTable } from '@backtide/store/adoption/foreign-table'
import { ALWAYS_OPEN } from '@backtide/store/fence'
import type { Row } from '@backtide/store/questdb'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFrame } from '../contract/lz4-writer.ts'
import { ANYSIGNAL, putAnySignalTable } from '../helpers/anysignal-table.ts'
import { openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { ownQuestDb, type OwnQuestDb } from '../helpers/own-questdb.ts'
import { ownServers } from '../helpers/servers.ts'
import { openThreeOrigins, STEPS } from '../helpers/three-origins.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3, 'hl-mainnet-node-data')
let questdb: OwnQuestDb
let backtide: Backtide
let worker: AsyncDisposable

beforeAll(async () => {
  questdb = await ownQuestDb()
  const place = { ...servers, questdb: questdb.conf }
  backtide = await openBacktide(place)
  const { region } = servers.s3
  worker = await startWorker(place, { sources: { 'hyperliquid-node-data': { region } } })
})

afterAll(async () => {
  await worker?.[Symbol.asyncDispose]()
  await backtide?.[Symbol.asyncDispose]()
  await questdb?.[Symbol.asyncDispose]()
})

/** An hour of trades as a node wrote them, a trade a minute. */
async function putHour(day: string, hour: number, damage = ''): Promise<void> {
  const lines = Array.from({ length: 60 }, (_, minute) => {
    const time = `${day}T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00.5`
    const sides = [minute, minute + 1].map((oid) => ({ user: '0x1', start_pos: '0.0', oid }))
    const facts = { coin: 'BTC', side: 'B', time, px: '94000.0', sz: '1.5', hash: '0x0' }
    return `${JSON.stringify({ ...facts, side_info: sides })}\n`
  })
  const key = `node_trades/hourly/${day.replaceAll('-', '')}/${hour}.lz4`
  await archive.put(key, writeFrame(Buffer.from(lines.join('') + damage)))
}

async function load(dataset: string, day: string, more: object = {}) {
  const range = { from: `${day}T07:00:00Z`, to: `${day}T16:00:00Z` }
  return await backtide.ended(await backtide.start({ dataset, ...range, ...more }))
}

/** Trades that readers see of a day, by hour and origin. */
async function seen(day: string): Promise<readonly Row[]> {
  return await questdb.rows(
    `SELECT hour(ts) h, origin, count() FROM trades WHERE ts IN '${day}' ORDER BY h, origin`,
  )
}

const HOURS = [7, 8, 9, 10, 11, 12, 13, 14, 15]

describe('trades of two archives', () => {
  const day = '2025-04-25'

  /** Trades of a fill may stray by 65 minutes, so those of an hour are sure where all around it are. */
  async function expectArchive({ sure, not }: { sure: readonly number[]; not: number }) {
    const found = await seen(day)
    for (const hour of sure) expect(found).toContainEqual([hour, 'archive', 60])
    expect(found).toContainEqual([not, 'node_trades', 60])
    for (const hour of HOURS) {
      const counts = found.filter(([at]) => at === hour).map(([, , count]) => Number(count))
      expect(counts.reduce((sum, count) => sum + count)).toBe(60)
    }
  }

  it('are seen once at any time, of the more trusted where that is complete', async () => {
    for (const hour of HOURS) await putHour(day, hour)
    await load('hyperliquid.trades_node', day)
    expect(await seen(day)).toEqual(HOURS.map((hour) => [hour, 'node_trades', 60]))
    expect(await questdb.rows('SELECT count() FROM picks')).toEqual([[0]])

    await putHour(day, 12, 'no json\n')
    const counts: number[] = []
    const watching = new AbortController()
    const watch = (async () => {
      while (!watching.signal.aborted) {
        const [row] = await questdb.rows(`SELECT count() FROM trades WHERE ts IN '${day}'`)
        counts.push(Number(row?.[0]))
      }
    })()
    const status = await load('hyperliquid.trades', day)
    watching.abort()
    await watch
    expect(status.counts).toEqual({ complete: 8, degraded: 1 })
    expect([...new Set(counts)]).toEqual([9 * 60])
    await expectArchive({ sure: [9], not: 12 })
  })

  it('are those of the other where what was seen is forgotten, and come back with a reload', async () => {
    const range = { from: `${day}T09:00:00Z`, to: `${day}T10:00:00Z` }
    const body = { dataset: 'hyperliquid.trades', ...range }
    expect((await backtide.call('POST', '/ledger/reset', body)).status).toBe(200)
    await load('hyperliquid.trades_node', day)
    await expectArchive({ sure: [], not: 9 })
    await load('hyperliquid.trades', day)
    await expectArchive({ sure: [9], not: 12 })
  })

  it('of one hour of one coin are looked for nowhere else', async () => {
    const plan = await questdb.rows(
      `EXPLAIN SELECT * FROM trades WHERE symbol = 'BTC' AND ts IN '2025-04-25T09'`,
    )
    const text = plan.join('\n')
    expect(text).toMatch(/Interval forward scan on: trades_all/)
    expect(text).toMatch(/AsOf Join Light/)
    const [hour] = await questdb.rows(
      `SELECT ts, count() FROM trades WHERE ts IN '2025-04-25T09' SAMPLE BY 1h`,
    )
    expect(hour?.[1]).toBe(60)
  })
})

describe('any order of loads, resets and drops of three origins', () => {
  it('shows one origin at a time, and what the ledger says is best', async () => {
    await backtide.store.ensureTables([TRADES])
    const trades = openThreeOrigins(questdb)
    const steps = fc.sample(STEPS, { numRuns: 36, seed: 12 })
    // Several at once, but never two of one origin: a day of a table has one writer.
    for (let at = 0; at < steps.length; at += 3) {
      await Promise.all(steps.slice(at, at + 3).map((step, source) => trades.take(step, source)))
      for (const symbol of ['A', 'B']) {
        expect(await trades.shown(symbol), `after ${at + 3}`).toEqual(trades.wanted(symbol))
      }
    }
  })

  it('leaves no pick that reaches beyond its day', async () => {
    const rows = await questdb.rows('SELECT ts, until FROM picks')
    expect(rows.length).toBeGreaterThan(0)
    for (const [ts, until] of rows) {
      const last = Date.parse(String(until)) - 1
      if (String(ts) !== String(until)) expect(dayKey(last)).toBe(String(ts).slice(0, 10))
    }
  })
})

async function adopt(body: object) {
  const started = await backtide.call('POST', '/adoptions', { table: 'market_data', ...body })
  expect(started.status).toBe(202)
  return await waitUntil('the adoption to end', async () => {
    const answer = await backtide.call('GET', '/adoptions/market_data')
    const now = (await answer.json()) as { readonly state: string }
    return now.state !== 'running' && now
  })
}

async function loadMarketData() {
  const range = { from: '2023-06-10', to: '2023-06-13' }
  return await backtide.ended(
    await backtide.start({ dataset: 'hyperliquid.market_data', ...range }),
  )
}

describe("a market_data of AnySignal's, without upsert keys", () => {
  const { days: DAYS, rows: all } = ANYSIGNAL

  beforeAll(async () => putAnySignalTable(questdb, openArchive(servers.s3)))

  it('is refused with the command that takes it over', async () => {
    const status = await loadMarketData()
    expect(status.state).toBe('failed')
    expect(status.reason).toContain('backtide adopt market_data')
    expect(await questdb.rows('SELECT count() FROM market_data')).toEqual([[all + 100]])
  })

  it('is counted without a change', async () => {
    const counted = { rows: all + 100, duplicates: 100, days: 3, daysDone: 3, objects: 0 }
    expect(await adopt({ dryRun: true })).toMatchObject({ state: 'done', ...counted })
    expect(await questdb.rows('SELECT count() FROM market_data')).toEqual([[all + 100]])
    expect(await questdb.rows("SELECT count() FROM ledger WHERE state = 'unverified'")).toEqual([
      [0],
    ])
  })

  it('is not given another name while somebody writes to it', async () => {
    const aside = setAside(questdb.db, MARKET_DATA, { keptAs: 'market_data_adopted', rows: all })
    await expect(aside).rejects.toThrow(/somebody writes to it/)
    expect(await questdb.rows('SELECT count() FROM market_data')).toEqual([[all + 100]])
  })

  it('is taken over without duplicates, on top of an attempt that was cut short', async () => {
    const day = Date.parse('2023-06-10')
    const going = { fence: ALWAYS_OPEN, signal: new AbortController().signal }
    await copyDay(questdb.db, MARKET_DATA, { day, distinct: 1 }, going)
    const kept = { keptAs: 'market_data_adopted', rows: all + 100, duplicates: 100, objects: 2 }
    expect(await adopt({})).toMatchObject({ state: 'done', ...kept })
    expect(await questdb.rows('SELECT count() FROM market_data')).toEqual([[all]])
    expect(await questdb.rows('SELECT count() FROM market_data_adopted')).toEqual([[all + 100]])
    const again = await backtide.call('POST', '/adoptions', { table: 'market_data' })
    expect(again.status).toBe(422)
  })

  it('counts as nothing before it was compared with the archive, and then has what that has', async () => {
    const ledger = () =>
      questdb.rows(
        "SELECT partition_ts, state FROM ledger WHERE dataset = 'hyperliquid.market_data' ORDER BY partition_ts",
      )
    expect(await ledger()).toEqual(DAYS.map((day) => [`${day}T00:00:00.000000Z`, 'unverified']))
    expect((await loadMarketData()).counts).toMatchObject({ complete: 2 })
    expect((await ledger()).filter(([, state]) => state === 'complete')).toEqual(
      DAYS.map((day) => [`${day}T00:00:00.000000Z`, 'complete']),
    )
    const values = await questdb.rows(
      `SELECT category, ts, value FROM market_data WHERE ts IN '2023-06-12' ORDER BY category, ts`,
    )
    expect(values).toEqual(ANYSIGNAL.valuesOf('2023-06-12'))
  })
})

describe('an l2_snapshot as AnySignal creates it', () => {
  it('is told apart from one of ours by its shape, and refused with the command', async () => {
    const { table } = hyperliquidL2Snapshot
    expect(await foreignTable(questdb.db, table)).toBe('nothing')
    await questdb.run(
      'CREATE TABLE l2_snapshot (ts TIMESTAMP, ticker SYMBOL, side SYMBOL, level INT, price DOUBLE, quantity DOUBLE) timestamp(ts) PARTITION BY DAY',
    )
    expect(await foreignTable(questdb.db, table)).toBe('adoptable')
    const ensuring = backtide.store.ensureTables([table])
    await expect(ensuring).rejects.toThrow(/backtide adopt l2_snapshot/)
    await questdb.run('ALTER TABLE l2_snapshot ADD COLUMN mine LONG')
    expect(await foreignTable(questdb.db, table)).toBe('other')
    await expect(backtide.store.ensureTables([table])).rejects.toThrow(/shape.*\. Rename it/)
  })
})
