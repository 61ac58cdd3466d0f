import { HOUR_MS } from '@backtide/core/range'
import { sql } from '@backtide/store/sql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bookKey, hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
/** What time it is for the worker: an archive grows by the hour, and tests do not wait for hours. */
let clock = 0
let backtide: Backtide
let worker: AsyncDisposable

const openWorker = () => startWorker(servers, { now: () => clock })

beforeAll(async () => {
  backtide = await openBacktide(servers)
  worker = await openWorker()
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

interface Follow {
  readonly id: string
  readonly paused: boolean
  readonly nextAt: string | null
  readonly turns: number
  readonly skipped: number
  readonly lastTurn: { readonly state: string; readonly parts: readonly object[] } | null
}

async function call(method: string, path: string, body?: object): Promise<Follow> {
  // On a busy machine Temporal's answers about schedules take longer than the API waits for them.
  const response = await waitUntil('an answer about schedules', async () => {
    const answer = await backtide.call(method, path, body)
    return answer.status !== 503 && answer
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
  return (await response.json()) as Follow
}

async function follow(coin: string, day: string): Promise<string> {
  const body = { dataset: 'hyperliquid.l2_book', coins: [coin], from: day, every: '1s' }
  return (await call('POST', '/follows', body)).id
}

async function put(coin: string, day: string, hour: number, count = 5): Promise<readonly Book[]> {
  const all = books({ coin, hour: hourOf(day, hour), count })
  await archive.putBooks(coin, hourOf(day, hour), all)
  return all
}

/** States of the hours of a day by the ledger, without those of which nothing is known. */
async function statesOf(coin: string, day: string): Promise<readonly string[]> {
  const range = { from: hourOf(day, 0), to: hourOf(day, 24) }
  const scope = { dataset: 'hyperliquid.l2_book', symbols: [coin], range }
  const rows = await backtide.store.listLedger({ ...scope, limit: 100 })
  return rows.map(({ state }) => state)
}

const reached = (coin: string, day: string, states: readonly string[]) =>
  waitUntil(`${coin} to be ${states.join(', ')}`, async () => {
    return JSON.stringify(await statesOf(coin, day)) === JSON.stringify(states)
  })

/** Backfills that turns of what is followed started. */
async function backfillsOf(id: string): Promise<readonly { id: string; state: string }[]> {
  const response = await backtide.call('GET', '/backfills?limit=200')
  const { backfills } = (await response.json()) as { backfills: { id: string; state: string }[] }
  return backfills.filter((one) => one.id.startsWith(id))
}

/** Waits for turns that begin from now on to have ended. */
async function afterTurns(id: string, count: number): Promise<Follow> {
  const { turns } = await call('GET', `/follows/${id}`)
  return await waitUntil('turns to pass', async () => {
    const now = await call('GET', `/follows/${id}`)
    return now.turns >= turns + count && now.lastTurn?.state === 'completed' && now
  })
}

describe('what is followed', () => {
  it('takes what appears late and what was replaced, readers at work, and is idle otherwise', async () => {
    const day = servers.nextDay()
    clock = hourOf(day, 3) + HOUR_MS / 2
    const [first, second] = [await put('SOL', day, 0), await put('SOL', day, 1, 40)]
    const id = await follow('SOL', day)
    await reached('SOL', day, ['complete', 'complete', 'pending'])
    const late = await put('SOL', day, 2)
    await reached('SOL', day, ['complete', 'complete', 'complete'])
    expect(await bookRows(backtide.store, day)).toEqual(
      expectedRows([...first, ...second, ...late]),
    )

    const key = bookKey('SOL', hourOf(day, 1))
    const before = await archive.etag(key)
    const reading = new AbortController()
    const seen = readOn(day, reading.signal)
    const shorter = books({ coin: 'SOL', hour: hourOf(day, 1), count: 40, seed: 9 }).slice(0, 12)
    await archive.putBooks('SOL', hourOf(day, 1), shorter)
    const after = await archive.etag(key)
    await waitUntil('the replaced hour', async () => {
      return (await etagsIn('ledger', key)).at(-1) === after
    })
    reading.abort()
    expect(await bookRows(backtide.store, day)).toEqual(
      expectedRows([...first, ...shorter, ...late]),
    )
    expect(new Set(await etagsIn('ledger_log', key))).toEqual(new Set([before, after]))
    // No reader was refused, or saw less than what both versions have in common.
    expect(Math.min(...(await seen))).toBeGreaterThanOrEqual(first.length + late.length)

    const ran = await waitUntil('its backfills to end', async () => {
      const all = await backfillsOf(id)
      return all.every(({ state }) => /complete/.test(state)) && all
    })
    const logged = await countLog()
    const idle = await afterTurns(id, 3)
    expect(idle).toMatchObject({ paused: false, lastTurn: { state: 'completed', parts: [] } })
    expect(await backfillsOf(id)).toEqual(ran)
    expect(await countLog()).toBe(logged)
    await call('DELETE', `/follows/${id}`)
    expect((await backtide.call('GET', `/follows/${id}`)).status).toBe(404)
  })

  it('catches up with one turn after a pause, and after a time without workers', async () => {
    const day = servers.nextDay()
    clock = hourOf(day, 1)
    await put('AVAX', day, 0)
    const id = await follow('AVAX', day)
    await reached('AVAX', day, ['complete'])
    expect(await call('POST', `/follows/${id}/pause`, { reason: 'maintenance' })).toMatchObject({
      paused: true,
      nextAt: null,
      note: 'maintenance',
    })
    const before = await backfillsOf(id)
    for (const hour of [1, 2, 3]) await put('AVAX', day, hour)
    clock = hourOf(day, 4)
    await call('POST', `/follows/${id}/resume`)
    await reached('AVAX', day, ['complete', 'complete', 'complete', 'complete'])
    expect(await backfillsOf(id)).toHaveLength(before.length + 1)

    await worker[Symbol.asyncDispose]()
    const { skipped } = await call('GET', `/follows/${id}`)
    for (const hour of [4, 5, 6]) await put('AVAX', day, hour)
    clock = hourOf(day, 7)
    await waitUntil('three turns to be missed', async () => {
      return (await call('GET', `/follows/${id}`)).skipped >= skipped + 3
    })
    worker = await openWorker()
    await reached(
      'AVAX',
      day,
      Array.from({ length: 7 }, () => 'complete'),
    )
    expect(await backfillsOf(id)).toHaveLength(before.length + 2)
    await call('DELETE', `/follows/${id}`)
  })

  it('shares a table with other coins of it that are followed, and is listed', async () => {
    const day = servers.nextDay(2)
    const next = new Date(hourOf(day, 24)).toISOString().slice(0, 10)
    clock = hourOf(next, 2)
    const all: Book[] = []
    for (const coin of ['LINK', 'ATOM']) {
      for (const [one, hour] of [
        [day, 22],
        [day, 23],
        [next, 0],
        [next, 1],
      ] as const) {
        all.push(...(await put(coin, one, hour)))
      }
    }
    const ids = [await follow('LINK', `${day}T22`), await follow('ATOM', `${day}T22`)]
    for (const coin of ['LINK', 'ATOM']) {
      await reached(coin, day, ['complete', 'complete'])
      await reached(coin, next, ['complete', 'complete'])
    }
    const rows = [
      ...(await bookRows(backtide.store, day)),
      ...(await bookRows(backtide.store, next)),
    ]
    expect(rows).toHaveLength(all.length)
    const { follows } = (await call('GET', '/follows')) as unknown as { follows: Follow[] }
    expect(follows.map((one) => one.id)).toEqual(expect.arrayContaining(ids))
    for (const id of ids) await call('DELETE', `/follows/${id}`)
  })
})

it('a backfill of some hours loads those of every day, and is complete with them', async () => {
  const day = servers.nextDay(2)
  const next = new Date(hourOf(day, 24)).toISOString().slice(0, 10)
  clock = hourOf(next, 24)
  const all = []
  for (const one of [day, next]) {
    for (const hour of [3, 4, 7]) all.push(await put('DOGE', one, hour))
  }
  const asked = { dataset: 'hyperliquid.l2_book', coins: ['DOGE'], from: day, hours: [7, 3] }
  const id = await backtide.start({ ...asked, to: `${next}T23` })
  expect(await backtide.ended(id)).toMatchObject({
    state: 'complete',
    total: 4,
    remaining: 0,
    counts: { complete: 4 },
  })
  expect(await statesOf('DOGE', day)).toEqual(['complete', 'complete'])
  const loaded = [all[0], all[2], all[3], all[5]].flatMap((one) => one ?? [])
  const rows = [...(await bookRows(backtide.store, day)), ...(await bookRows(backtide.store, next))]
  expect(rows).toEqual(expectedRows(loaded))
})

/** Reads a day on and on; gives how many rows each read saw. */
async function readOn(day: string, signal: AbortSignal): Promise<readonly number[]> {
  const seen: number[] = []
  while (!signal.aborted) {
    seen.push((await bookRows(backtide.store, day)).length)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return seen
}

async function etagsIn(table: 'ledger' | 'ledger_log', key: string): Promise<readonly unknown[]> {
  const from = table === 'ledger' ? sql`ledger` : sql`ledger_log`
  const { db } = backtide.store
  return (await db.query(sql`SELECT etag FROM ${from} WHERE object = ${key} AND etag <> ''`)).flat()
}

async function countLog(): Promise<unknown> {
  const { db } = backtide.store
  const rows = await db.query(
    sql`SELECT count() FROM ledger_log WHERE dataset = 'hyperliquid.l2_book' AND object LIKE ${'%SOL%'}`,
  )
  return rows[0]?.[0]
}
