import type { PickSource } from '@backtide/core/picks'
import { dayKey } from '@backtide/core/partition'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import type { ObjectState } from '@backtide/core/state'
import { TRADES } from '@backtide/datasets/unified/trades'
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
    source: fc.nat(2),
    hour: fc.nat(47),
    length: fc.integer({ min: 1, max: 30 }),
    symbol: fc.constantFrom('A', 'B'),
    state: fc.constantFrom(...STATES),
  })
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

  it('shows one origin at a time, and what the ledger says is best', async () => {
    await backtide.store.ensureTables([TRADES])
    const steps = fc.sample(step, { numRuns: 36, seed: 12 })
    const known = new Map<string, ObjectState>()
    const stored = new Set<string>()
    // Several at once, as days of several backfills are.
    for (let at = 0; at < steps.length; at += 3) {
      await Promise.all(steps.slice(at, at + 3).map((one) => take(one, known, stored)))
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
