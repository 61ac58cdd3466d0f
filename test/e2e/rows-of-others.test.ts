import type { PickSource } from '@backtide/core/picks'
import { dayKey } from '@backtide/core/partition'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import type { ObjectState } from '@backtide/core/state'
import { hyperliquidL2Snapshot } from '@backtide/datasets/hyperliquid/l2-snapshot'
import { MARKET_DATA } from '@backtide/datasets/unified/market-data'
import { TRADES } from '@backtide/datasets/unified/trades'
import { chunksOf } from '@backtide/store/in-chunks'
import { copyDay, setAside } from '@backtide/store/adoption/adopt-rows'
import { foreignTable } from '@backtide/store/adoption/foreign-table'
import { ALWAYS_OPEN } from '@backtide/store/fence'
import { NOTHING_KNOWN } from '@backtide/store/ledger/ledger-row'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import type { Row } from '@backtide/store/questdb'
import { settlePicks } from '@backtide/store/picks/settle-picks'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFrame } from '../contract/lz4-writer.ts'
import { openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { ownQuestDb, type OwnQuestDb } from '../helpers/own-questdb.ts'
import { ownServers } from '../helpers/servers.ts'
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
  const day = '2025-04-05'

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
      `EXPLAIN SELECT * FROM trades WHERE symbol = 'BTC' AND ts IN '2025-04-05T09'`,
    )
    const text = plan.join('\n')
    expect(text).toMatch(/Interval forward scan on: trades_all/)
    expect(text).toMatch(/AsOf Join Light/)
    const [hour] = await questdb.rows(
      `SELECT ts, count() FROM trades WHERE ts IN '2025-04-05T09' SAMPLE BY 1h`,
    )
    expect(hour?.[1]).toBe(60)
  })
})

function source(origin: string, partitionMs: number): PickSource {
  const constants = { exchange: 'venue' }
  return {
    dataset: `venue.${origin}`,
    origin,
    constants,
    partitionMs,
    reachMs: 0,
    objects: () => 1,
  }
}

describe('any order of loads, resets and drops of three origins', () => {
  const DAY = Date.UTC(2024, 0, 10)
  const SOURCES: readonly PickSource[] = [
    { ...source('archive', HOUR_MS), reachMs: 30 * 60_000 },
    source('rest', DAY_MS),
    source('capture', HOUR_MS),
  ]
  const hours = Array.from({ length: 48 }, (_, hour) => hour)

  const STATES = ['complete', 'complete_empty', 'degraded', 'missing', 'corrupt', 'reset'] as const
  const step = fc.record({
    hour: fc.nat(47),
    length: fc.integer({ min: 1, max: 30 }),
    symbol: fc.constantFrom('A', 'B'),
    state: fc.constantFrom(...STATES),
  })
  type Step = typeof step extends fc.Arbitrary<infer T> ? T & { readonly source: number } : never

  it('shows one origin at a time, and what the ledger says is best', async () => {
    await backtide.store.ensureTables([TRADES])
    const steps = fc.sample(step, { numRuns: 36, seed: 12 })
    const known = new Map<string, ObjectState>()
    const stored = new Set<string>()
    // Several at once, but never two of one source: a day of a table has one writer.
    for (let at = 0; at < steps.length; at += 3) {
      const some = steps.slice(at, at + 3)
      await Promise.all(some.map((one, source) => take({ ...one, source }, known, stored)))
      for (const symbol of ['A', 'B']) {
        expect(await shown(symbol), `after ${at + 3} steps`).toEqual(wanted(symbol, known, stored))
      }
    }
  })

  /** Writes rows, ledger and picks of some partitions, as a load does. */
  async function take(one: Step, known: Map<string, ObjectState>, stored: Set<string>) {
    const { partitionMs, dataset, origin } = SOURCES[one.source] as PickSource
    const size = partitionMs / HOUR_MS
    const first = Math.floor(one.hour / size) * size
    const end = Math.min(48, first + Math.ceil(one.length / size) * size)
    const has = one.state === 'complete' || one.state === 'degraded' || one.state === 'corrupt'
    const range = { from: DAY + first * HOUR_MS, to: DAY + end * HOUR_MS }
    const where = { exchange: ['venue'], symbol: [one.symbol] }
    const asked = { table: TRADES, sources: SOURCES, range, where }
    await settlePicks(questdb.db, { ...asked, coming: origin })
    const partitions = hours.filter((hour) => hour >= first && hour < end)
    for (const hour of partitions) {
      if (has) stored.add(`${origin} ${one.symbol} ${hour}`)
      known.set(`${origin} ${one.symbol} ${hour}`, one.state)
    }
    if (has) {
      const values = partitions.flatMap((hour) =>
        [10, 50].map((minute) => {
          const ts = new Date(DAY + hour * HOUR_MS + minute * 60_000).toISOString()
          return `('${ts}', 'venue', 'perp', '${one.symbol}', '${origin}', '${hour}-${minute}', 'buy', 1.0, 1.0, NULL, 0, 0)`
        }),
      )
      await questdb.run(`INSERT INTO trades_all VALUES ${values.join(', ')}`)
    }
    const rows = partitions
      .filter((hour) => hour % size === 0)
      .map((hour) => ({
        ...NOTHING_KNOWN,
        partition: DAY + hour * HOUR_MS,
        dataset,
        object: `${dataset}/${one.symbol}/${hour}`,
        symbol: one.symbol,
        state: one.state,
        reason: '',
        backfillId: 'b',
        decoderVersion: 1,
        epoch: 0,
        checkedAt: Date.now(),
      }))
    await writeLedger(questdb.db, rows)
    await settlePicks(questdb.db, asked)
  }

  async function shown(symbol: string): Promise<readonly unknown[]> {
    const rows = await questdb.rows(
      `SELECT ts, origin FROM trades WHERE exchange = 'venue' AND symbol = '${symbol}' ORDER BY ts`,
    )
    return rows.map(([ts, origin]) => [Math.round((Date.parse(String(ts)) - DAY) / 60_000), origin])
  }

  /** The obvious reading, row by row. */
  function wanted(
    symbol: string,
    known: ReadonlyMap<string, ObjectState>,
    stored: ReadonlySet<string>,
  ): readonly unknown[] {
    const settled = ['complete', 'complete_empty']
    const worth = (origin: string, minute: number) => {
      const state = (at: number) => known.get(`${origin} ${symbol} ${Math.floor(at / 60)}`) ?? ''
      const near = origin === 'archive' ? [minute - 30, minute + 30] : []
      if (settled.includes(state(minute))) {
        return near.every((at) => settled.includes(state(at))) ? 4 : 3
      }
      if (state(minute) === 'degraded') return 2
      return stored.has(`${origin} ${symbol} ${Math.floor(minute / 60)}`) ? 1 : 0
    }
    return hours.flatMap((hour) =>
      [10, 50].flatMap((past) => {
        const minute = hour * 60 + past
        const origins = ['archive', 'rest', 'capture']
        const best = origins.toSorted((a, b) => worth(b, minute) - worth(a, minute))[0] ?? ''
        return stored.has(`${best} ${symbol} ${hour}`) ? [[minute, best]] : []
      }),
    )
  }

  it('leaves no pick that reaches beyond its day', async () => {
    const rows = await questdb.rows('SELECT ts, until FROM picks')
    expect(rows.length).toBeGreaterThan(0)
    for (const [ts, until] of rows) {
      const last = Date.parse(String(until)) - 1
      if (String(ts) !== String(until)) expect(dayKey(last)).toBe(String(ts).slice(0, 10))
    }
  })
})

describe("a market_data of AnySignal's, without upsert keys", () => {
  const DAYS = ['2023-06-10', '2023-06-12']
  const CATEGORIES = ['open_interest', 'funding', 'mark_px', 'oracle_px', 'prev_day_px']
  const MORE = ['day_ntl_vlm', 'mid_px', 'premium']
  const HOURS_OF_DAY = Array.from({ length: 24 * 12 }, (_, at) => at * 5)

  /** A row as AnySignal has it: what the archive has none of is zero. */
  const rowOf = (day: string, minute: number, category: string, value: number) => {
    const ts = new Date(Date.parse(day) + minute * 60_000).toISOString()
    return `('${ts}', '${category}', 'BTC', 'HYPERLIQUID_S3', ${value}.0)`
  }
  const rowsOfDay = (day: string) =>
    HOURS_OF_DAY.flatMap((minute) => [
      ...CATEGORIES.map((category, at) => rowOf(day, minute, category, minute + at + 1)),
      ...MORE.map((category) => rowOf(day, minute, category, 0)),
    ])
  const insert = async (rows: readonly string[]) => {
    for (const chunk of chunksOf(rows)) {
      await questdb.run(`INSERT INTO market_data VALUES ${chunk.join(', ')}`)
    }
  }

  beforeAll(async () => {
    await questdb.run(
      'CREATE TABLE market_data (ts TIMESTAMP, category SYMBOL, ticker SYMBOL, source SYMBOL, value DOUBLE) TIMESTAMP(ts) PARTITION BY DAY',
    )
    const contexts = openArchive(servers.s3)
    for (const day of DAYS) {
      await insert(rowsOfDay(day))
      const lines = HOURS_OF_DAY.map((minute) => {
        const time = new Date(Date.parse(day) + minute * 60_000).toISOString().replace('.000', '')
        const [interest, funding, mark, oracle, before] = CATEGORIES.map((_, at) => minute + at + 1)
        return [time, 'BTC', funding, interest, before, '', '', oracle, mark, '', '', ''].join(',')
      })
      const header =
        'time,coin,funding,open_interest,prev_day_px,day_ntl_vlm,premium,oracle_px,mark_px,mid_px,impact_bid_px,impact_ask_px'
      const text = `${[header, ...lines].join('\n')}\n`
      const key = `asset_ctxs/${day.replaceAll('-', '')}.csv.lz4`
      await contexts.put(key, writeFrame(Buffer.from(text)))
    }
    // A day that was loaded twice, a row the archive does not have, and one of another source.
    await insert(rowsOfDay('2023-06-10').slice(0, 100))
    await insert([
      rowOf('2023-06-12', 1, 'funding', 7),
      `('2023-06-12T00:00:00Z', 'FEAR_GREED', 'CRYPTO', 'CMC', 55.0)`,
    ])
  })

  const all = HOURS_OF_DAY.length * 8 * 2 + 2

  async function adopt(body: object) {
    const started = await backtide.call('POST', '/adoptions', { table: 'market_data', ...body })
    expect(started.status).toBe(202)
    return await waitUntil('the adoption to end', async () => {
      const answer = await backtide.call('GET', '/adoptions/market_data')
      const now = (await answer.json()) as { readonly state: string }
      return now.state !== 'running' && now
    })
  }

  async function load() {
    const range = { from: '2023-06-10', to: '2023-06-13' }
    return await backtide.ended(
      await backtide.start({ dataset: 'hyperliquid.market_data', ...range }),
    )
  }

  it('is refused with the command that takes it over', async () => {
    const status = await load()
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
    const states = (state: string) => DAYS.map((day) => [`${day}T00:00:00.000000Z`, state])
    expect(await ledger()).toEqual(states('unverified'))
    expect((await load()).counts).toMatchObject({ complete: 2 })
    expect((await ledger()).filter(([, state]) => state === 'complete')).toEqual(states('complete'))
    const values = await questdb.rows(
      `SELECT category, ts, value FROM market_data WHERE ts IN '2023-06-12' ORDER BY category, ts`,
    )
    const wanted = HOURS_OF_DAY.flatMap((minute) =>
      CATEGORIES.map((category, at) => {
        const ts = new Date(Date.parse('2023-06-12') + minute * 60_000).toISOString()
        return [category, ts.replace('Z', '000Z'), minute + at + 1]
      }),
    )
    const others = [['FEAR_GREED', '2023-06-12T00:00:00.000000Z', 55]]
    const sorted = [...others, ...wanted].toSorted((a, b) =>
      `${a[0]} ${a[1]}` < `${b[0]} ${b[1]}` ? -1 : 1,
    )
    expect(values).toEqual(sorted)
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
