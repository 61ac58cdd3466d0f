import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
import { openGate, type Gate } from '../helpers/gate.ts'
import { bookRows, expectedRows, expectedSnapshot, snapshotRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
let backtide: Backtide
let worker: AsyncDisposable
/** In front of QuestDB: bodies of two days are held back until both are on their way. */
let questdb: Gate

beforeAll(async () => {
  backtide = await openBacktide(servers)
  questdb = await openGate(servers.questdb.replace('http::addr=', 'http://').replace(';', ''))
  worker = await startWorker({ ...servers, questdb: `http::addr=${questdb.host};` })
})

afterAll(async () => {
  questdb.open()
  await worker[Symbol.asyncDispose]()
  await questdb[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

/**
 * Two hours of a coin that share a millisecond: the first ends with a book recorded in its last
 * moment, the second begins with another book of the same exchange time, recorded later.
 */
function sharing(coin: string, first: number, { emptied = false } = {}) {
  const second = first + 3_600_000
  const time = second - 200
  const before = books({ coin, hour: first, count: 20 })
  const after = books({ coin, hour: second, count: 20, seed: 7 }).slice(1)
  const [model] = books({ coin, hour: first, count: 1, seed: 3 }) as [Book]
  const [other] = books({ coin, hour: second, count: 1, seed: 4, depth: 12 }) as [Book]
  const early: Book = { ...model, time, recv: BigInt(second - 100) * 1_000_000n }
  const late: Book = {
    ...other,
    time,
    recv: BigInt(second + 200) * 1_000_000n,
    ...(emptied ? { bids: [], asks: [] } : {}),
  }
  return { first: [...before, early], second: [late, ...after] }
}

/** A day whose first hour and the last hour of the day before share a millisecond, in the archive. */
async function prepare(coin: string, hour = 5, options = {}) {
  const day = servers.nextDay(2)
  const start = hourOf(day, hour)
  const objects = sharing(coin, start, options)
  await archive.putBooks(coin, start, objects.first)
  await archive.putBooks(coin, start + 3_600_000, objects.second)
  return { day, start, all: [...objects.first, ...objects.second] }
}

async function load(coin: string, from: number, hours: number, more: object = {}) {
  const id = await backtide.start({
    dataset: 'hyperliquid.l2_snapshot',
    coins: [coin],
    from: new Date(from).toISOString(),
    to: new Date(from + hours * 3_600_000).toISOString(),
    ...more,
  })
  return await backtide.ended(id)
}

describe('two hours of l2_snapshot that share a millisecond', () => {
  it('hold the later book, whole, when they are loaded together', async () => {
    const { day, start, all } = await prepare('BTC')
    expect(await load('BTC', start, 2)).toMatchObject({ counts: { complete: 2 } })
    expect(await snapshotRows(backtide.store, 'BTC', day)).toEqual(expectedSnapshot(all))
  })

  it('hold the later book, whole, when the later hour is loaded first', async () => {
    const { day, start, all } = await prepare('ETH')
    expect(await load('ETH', start + 3_600_000, 1)).toMatchObject({ state: 'complete' })
    expect(await load('ETH', start, 1)).toMatchObject({ state: 'complete' })
    expect(await snapshotRows(backtide.store, 'ETH', day)).toEqual(expectedSnapshot(all))
  })

  it('hold the later book, whole, when the earlier hour is loaded again after it', async () => {
    const { day, start, all } = await prepare('SOL')
    await load('SOL', start, 2)
    expect(await load('SOL', start, 1, { reprocess: 'all' })).toMatchObject({ state: 'complete' })
    expect(await snapshotRows(backtide.store, 'SOL', day)).toEqual(expectedSnapshot(all))
  })

  it('hold the later book also when it has no levels', async () => {
    const { day, start, all } = await prepare('ADA', 5, { emptied: true })
    expect(await load('ADA', start + 3_600_000, 1)).toMatchObject({ state: 'complete' })
    expect(await load('ADA', start, 1)).toMatchObject({ state: 'complete' })
    expect(await snapshotRows(backtide.store, 'ADA', day)).toEqual(expectedSnapshot(all))
  })

  it('hold the earlier book again when its successor is replaced by an object without it', async () => {
    const { day, start, all } = await prepare('XRP')
    await load('XRP', start, 2)
    const [late] = all.slice(-20)
    const rest = all.filter((book) => book !== late)
    await archive.putBooks('XRP', start + 3_600_000, rest.slice(21))
    expect(await load('XRP', start + 3_600_000, 1, { reprocess: 'changed' })).toMatchObject({
      state: 'complete',
    })
    expect(await snapshotRows(backtide.store, 'XRP', day)).toEqual(expectedSnapshot(rest))
  })
})

describe('two days of l2_snapshot that share a millisecond', () => {
  it.each([
    ['oldest first', 'DOT', 'oldest-first'],
    ['newest first', 'LINK', 'newest-first'],
  ])('hold the later book, whole, %s, one after the other', async (_, coin, order) => {
    const { day, start, all } = await prepare(coin, 23)
    const loaded = await load(coin, start, 2, { order, concurrency: 1 })
    expect(loaded).toMatchObject({ counts: { complete: 2 } })
    expect(await snapshotRows(backtide.store, coin, day)).toEqual(expectedSnapshot(all))
  })

  it('hold the later book, whole, when they are loaded at the same time', async () => {
    const { day, start, all } = await prepare('AVAX', 23)
    questdb.rule = ({ path, body }) =>
      path.startsWith('/write') && body.includes('l2_snapshot_all,ticker=AVAX') ? 'hold' : 'pass'
    const loaded = load('AVAX', start, 2, { concurrency: 2 })
    await waitUntil('rows of both days to be on their way', () => questdb.held.length === 2)
    questdb.open()
    expect(await loaded).toMatchObject({ counts: { complete: 2 } })
    expect(await snapshotRows(backtide.store, 'AVAX', day)).toEqual(expectedSnapshot(all))
  })
})

describe('two hours of l2_book that both have the same book', () => {
  it('show it once, whichever is loaded last', async () => {
    const day = servers.nextDay()
    const start = hourOf(day, 5)
    const first = books({ coin: 'NEAR', hour: start, count: 20 })
    const second = books({ coin: 'NEAR', hour: start + 3_600_000, count: 20 })
    const [shared] = second as [Book]
    await archive.putBooks('NEAR', start, [...first, shared])
    await archive.putBooks('NEAR', start + 3_600_000, second)
    const all = expectedRows([...first, ...second])
    for (const from of [start + 3_600_000, start]) {
      const dataset = 'hyperliquid.l2_book'
      const reprocess = 'all'
      expect(await load('NEAR', from, 1, { dataset, reprocess })).toMatchObject({
        state: 'complete',
      })
    }
    expect(await bookRows(backtide.store, day)).toEqual(all)
  })
})
