import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { openFileHost, type FileHost } from '../helpers/file-host.ts'
import { ownServers } from '../helpers/servers.ts'
import {
  expectedTrades,
  tradeFile,
  tradePath,
  tradeRows,
  tradesOf,
  type Trade,
} from '../helpers/trades.ts'

const servers = ownServers(import.meta.filename)
const DAY_MS = 86_400_000
let host: FileHost
let backtide: Backtide
let worker: AsyncDisposable

beforeAll(async () => {
  host = await openFileHost()
  backtide = await openBacktide(servers)
  worker = await startWorker(servers, { sources: { 'binance-files': { baseUrl: host.url } } })
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
  await host[Symbol.asyncDispose]()
})

/** A day so much later, `2025-01-02`. */
function later(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

function put(symbol: string, day: string, trades: readonly Trade[]): void {
  host.putSummed(tradePath(symbol, day), tradeFile(trades))
}

async function load(coins: readonly string[], from: string, days: number, more: object = {}) {
  const range = { from: `${from}T00:00:00Z`, to: `${later(from, days)}T00:00:00Z` }
  return await backtide.ended(
    await backtide.start({ dataset: 'binance.trades', coins, ...range, ...more }),
  )
}

async function rowsOf(symbol: string) {
  return await tradeRows(backtide.store, 'binance', symbol)
}

describe('a backfill of binance.trades', () => {
  it('gives exactly the trades of the files of every symbol and day', async () => {
    const day = servers.nextDay(3)
    const days = [0, 1, 2].map((at) => later(day, at))
    const all = new Map<string, Trade[]>()
    for (const [seed, symbol] of ['AAAUSDT', '1000BBBUSDT'].entries()) {
      const byDay = days.map((one, at) => tradesOf(one, { seed: 1 + 3 * seed + at }))
      for (const [at, some] of byDay.entries()) put(symbol, days[at] ?? '', some)
      all.set(symbol, byDay.flat())
    }
    expect(await load([...all.keys()], day, 3)).toMatchObject({
      state: 'complete',
      counts: { complete: 6 },
      rows: 300,
    })
    for (const [symbol, some] of all) expect(await rowsOf(symbol)).toEqual(expectedTrades(some))
  })

  it('changes from milliseconds to microseconds with the year 2025', async () => {
    const last = tradesOf('2024-12-31', { seed: 20 })
    const first = tradesOf('2025-01-01', { seed: 21 }).map((one) => ({ ...one, ts: one.ts + 7 }))
    put('SEAMUSDT', '2024-12-31', last)
    put('SEAMUSDT', '2025-01-01', first)
    expect(await load(['SEAMUSDT'], '2024-12-31', 2)).toMatchObject({
      state: 'complete',
      rows: 100,
    })
    expect(await rowsOf('SEAMUSDT')).toEqual(expectedTrades([...last, ...first]))
  })
})

describe('a day that the host does not have', () => {
  it('is missing when it is old, and pending while it may still come', async () => {
    const today = new Date().toISOString().slice(0, 10)
    expect(await load(['OLDUSDT'], servers.nextDay(), 1)).toMatchObject({ counts: { missing: 1 } })
    expect(await load(['NEWUSDT'], later(today, -1), 1)).toMatchObject({ counts: { pending: 1 } })
  })
})

describe('a file that was replaced', () => {
  it('gives its new trades with `changed`, and nothing is left of what it has no more', async () => {
    const day = servers.nextDay()
    const before = tradesOf(day, { seed: 30 })
    put('NEWSUSDT', day, before)
    await load(['NEWSUSDT'], day, 1)
    expect(await rowsOf('NEWSUSDT')).toEqual(expectedTrades(before))

    const after = before.slice(0, 30).map((one, at) => (at === 3 ? { ...one, size: 9.5 } : one))
    put('NEWSUSDT', day, after)
    expect(await load(['NEWSUSDT'], day, 1, { reprocess: 'changed' })).toMatchObject({
      state: 'complete',
      counts: { complete: 1 },
    })
    expect(await rowsOf('NEWSUSDT')).toEqual(expectedTrades(after))
  })
})

describe('a checksum file that disagrees with its file', () => {
  it('leaves the day failed, until it is mended', async () => {
    const day = servers.nextDay()
    const trades = tradesOf(day, { seed: 40 })
    put('SUMUSDT', day, trades)
    host.put(`${tradePath('SUMUSDT', day)}.CHECKSUM`, `${'0'.repeat(64)}  SUMUSDT.zip\n`)
    const status = await load(['SUMUSDT'], day, 1)
    expect(status.state).not.toBe('complete')
    expect(status.counts).toEqual({ failed: 1 })

    put('SUMUSDT', day, trades)
    expect(await load(['SUMUSDT'], day, 1)).toMatchObject({ state: 'complete' })
    expect(await rowsOf('SUMUSDT')).toEqual(expectedTrades(trades))
  })
})
