import type { ObjectStore } from '@backtide/activities/objects/object-store'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import { sql } from '@backtide/store/sql'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bookKey, hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
import { countRequests, type Requests } from '../helpers/counting-store.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const requests: Requests = { opened: [], bodies: [] }
/** Keys of objects that are gone from the archive when they are opened for the second time. */
const vanishing = new Set<string>()
let backtide: Backtide
let worker: AsyncDisposable

beforeAll(async () => {
  backtide = await openBacktide(servers)
  worker = await startWorker(servers, {
    objects: (store) => vanish(countRequests(store, requests)),
  })
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

describe('a range that is loaded already', () => {
  let day: string
  let keys: string[]
  let all: Book[]

  beforeEach(async () => {
    day = servers.nextDay()
    const hours = [0, 1, 2].map((hour) => hourOf(day, hour))
    keys = hours.map((hour) => bookKey('BTC', hour))
    all = []
    for (const hour of hours) {
      const some = books({ coin: 'BTC', hour, count: 30 })
      all.push(...some)
      await archive.putBooks('BTC', hour, some)
    }
    expect(await load()).toMatchObject({ state: 'complete', rows: 90 })
    requests.opened.length = 0
    requests.bodies.length = 0
  })

  const load = async (reprocess = 'incomplete', change: { to?: string } = {}) =>
    await backtide.ended(
      await backtide.start({
        dataset: 'hyperliquid.l2_book',
        coins: ['BTC'],
        from: `${day}T00:00:00Z`,
        to: `${day}T03:00:00Z`,
        reprocess,
        ...change,
      }),
    )

  const replace = async (hour: number, some: Book[]) =>
    await archive.putBooks('BTC', hourOf(day, hour), some)

  it('is not fetched again', async () => {
    expect(await load()).toMatchObject({ state: 'complete', rows: 90 })
    expect(requests.opened).toEqual([])
  })

  it('is fetched whole with `all`, and its rows stay what they are', async () => {
    expect(await load('all')).toMatchObject({ state: 'complete', rows: 90 })
    expect(requests.bodies.toSorted()).toEqual(keys)
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
  })

  it('has only its replaced object fetched with `changed`', async () => {
    const more = [
      ...all.slice(30, 60),
      ...books({ coin: 'BTC', hour: hourOf(day, 1) + 7, count: 10, seed: 5 }),
    ]
    await replace(1, more)
    expect(await load('changed')).toMatchObject({ state: 'complete', rows: 100 })
    expect(requests.bodies).toEqual([keys[1]])
    expect(requests.opened.map(({ state }) => state).toSorted()).toEqual([
      'found',
      'unchanged',
      'unchanged',
    ])
    const expected = [...all.slice(0, 30), ...more, ...all.slice(60)]
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(expected))
  })

  it('takes changed values of the same books over with `changed`', async () => {
    const changed = all.slice(30, 60).map((book) => ({ ...book, bids: book.asks, asks: book.bids }))
    await replace(1, changed)
    expect(await load('changed')).toMatchObject({ state: 'complete', rows: 90 })
    const expected = [...all.slice(0, 30), ...changed, ...all.slice(60)]
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(expected))
  })

  it('loses the rows that an object has no more when it became shorter, and has them back', async () => {
    await replace(2, all.slice(60, 80))
    expect(await load('changed')).toMatchObject({ state: 'complete', rows: 80 })
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all.slice(0, 80)))
    expect(await ghosts()).toEqual([0, 0, 10])
    expect(await load('all')).toMatchObject({ state: 'complete', rows: 80 })
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all.slice(0, 80)))
    await replace(2, all.slice(60))
    expect(await load('changed')).toMatchObject({ state: 'complete', rows: 90 })
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
  })

  it('is not complete when an object vanishes while it is sent once more', async () => {
    await replace(2, all.slice(60, 80))
    vanishing.add(keys[2] ?? '')
    expect(await load('changed')).toMatchObject({ counts: { complete: 2, degraded: 1 } })
    expect(await reasons()).toEqual(['', '', expect.stringContaining('does not have the object')])
    vanishing.clear()
    await replace(2, all.slice(60))
    expect(await load('changed')).toMatchObject({ state: 'complete', rows: 90 })
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
  })

  it('has an object that was missing only once it is looked at again with `missing`', async () => {
    const late = [...all, ...books({ coin: 'BTC', hour: hourOf(day, 3), count: 10 })]
    const hours = { to: `${day}T04:00:00Z` }
    expect(await load('incomplete', hours)).toMatchObject({ counts: { complete: 3, missing: 1 } })
    await archive.putBooks('BTC', hourOf(day, 3), late.slice(90))
    requests.bodies.length = 0
    expect(await load('incomplete', hours)).toMatchObject({ counts: { missing: 1 } })
    expect(await load('missing', hours)).toMatchObject({ state: 'complete', rows: 100 })
    expect(requests.bodies).toEqual([bookKey('BTC', hourOf(day, 3))])
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(late))
  })

  it('keeps what it has when an object is gone from the archive', async () => {
    await archive.remove(keys[0] ?? '')
    expect(await load('all')).toMatchObject({ state: 'complete', rows: 90 })
    expect(await reasons()).toEqual(['absent upstream since it was loaded', '', ''])
  })

  it('has its rows back after they were lost', async () => {
    const lost = sql`ALTER TABLE l2_book_all DROP PARTITION WHERE ts >= ${`${day}T00:00:00Z`}
      AND ts < ${`${day}T23:00:00Z`}`
    await backtide.store.db.query(lost)
    expect(await load('all')).toMatchObject({ state: 'complete', rows: 90 })
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
  })

  const ledger = async () => {
    const range = { from: hourOf(day, 0), to: hourOf(day, 24) }
    const scope = { dataset: 'hyperliquid.l2_book', symbols: ['BTC'], range, limit: 100 }
    return await backtide.store.listLedger(scope)
  }
  const reasons = async () => (await ledger()).map(({ reason }) => reason)
  const ghosts = async () => (await ledger()).map((row) => row.ghosts)
})

describe('a finished, incomplete backfill', () => {
  it('loads only what failed when it is retried', async () => {
    const day = servers.nextDay()
    const hours = [0, 1, 2].map((hour) => hourOf(day, hour))
    for (const hour of hours)
      await archive.putBooks('ETH', hour, books({ coin: 'ETH', hour, count: 20 }))
    const id = await backtide.start({
      dataset: 'hyperliquid.l2_book',
      coins: ['ETH'],
      from: `${day}T00:00:00Z`,
      to: `${day}T03:00:00Z`,
    })
    await backtide.ended(id)
    await markFailed(day, 1)
    requests.bodies.length = 0

    const answer = await backtide.call('POST', `/backfills/${id}/retry`)
    expect(answer.status).toBe(202)
    const retry = (await answer.json()) as { id: string }
    expect(retry.id).not.toBe(id)
    expect(await backtide.ended(retry.id)).toMatchObject({
      state: 'complete',
      retryOf: id,
      rows: 60,
    })
    expect(requests.bodies).toEqual([bookKey('ETH', hourOf(day, 1))])
  })
})

/** An archive from which some objects go as soon as they were read once. */
function vanish(store: ObjectStore): ObjectStore {
  return {
    ...store,
    open: async (key, options) => {
      const wasRead = requests.bodies.includes(key)
      return vanishing.has(key) && wasRead ? { state: 'absent' } : await store.open(key, options)
    },
  }
}

async function markFailed(day: string, hour: number): Promise<void> {
  const range = { from: hourOf(day, hour), to: hourOf(day, hour + 1) }
  const scope = { dataset: 'hyperliquid.l2_book', symbols: ['ETH'], range, limit: 1 }
  const rows = await backtide.store.listLedger(scope)
  await writeLedger(
    backtide.store.db,
    rows.map((row) => ({
      ...row,
      state: 'failed' as const,
      reason: 'Unexpected: for this test',
    })),
  )
}
