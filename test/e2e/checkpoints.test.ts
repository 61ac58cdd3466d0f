import { sql } from '@backtide/store/sql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
import { countRequests, type Requests } from '../helpers/counting-store.ts'
import { openGate, type Gate } from '../helpers/gate.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const requests: Requests = { opened: [], bodies: [] }
let backtide: Backtide
let worker: AsyncDisposable
let questdb: Gate

beforeAll(async () => {
  backtide = await openBacktide(servers)
  questdb = await openGate(servers.questdb.replace('http::addr=', 'http://').replace(';', ''))
  worker = await startWorker(
    { ...servers, questdb: `http::addr=${questdb.host};` },
    {
      objects: (store) => countRequests(store, requests),
      // 100 books of an hour are 110 KB of rows.
      limits: { transactionBytes: 300_000, bodyBytes: 50_000 },
    },
  )
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await questdb[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

describe('a day that is loaded into one that has later rows', () => {
  it('is written in few transactions, each a load that progress in the history ends with', async () => {
    const { day, id, all } = await loadLate('BTC', 12)
    expect(await backtide.ended(id)).toMatchObject({ state: 'complete', rows: 1_200 })
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
    const bodies = questdb.seen.filter(({ path, body }) => {
      return path.startsWith('/write') && body.includes('l2_book_all') && body.includes('=BTC')
    })
    expect(bodies.length).toBeLessThanOrEqual(6)
    expect(bodies.length).toBeGreaterThanOrEqual(3)
    expect(await loadsOf(day)).toBe(bodies.length)
    // What was opened ahead of a checkpoint would be paid for twice.
    const opened = requests.opened.filter(({ key }) => key.includes('BTC'))
    expect(opened.length).toBeLessThanOrEqual(12 + bodies.length)
  })

  it('does one checkpoint again after a failure, and no more', async () => {
    let transactions = 0
    questdb.rule = ({ path, body }) => {
      if (!path.startsWith('/write') || !body.includes('l2_book_all')) return 'pass'
      if (!body.includes('=ETH')) return 'pass'
      transactions += 1
      return transactions === 3 ? { answer: 503 } : 'pass'
    }
    const { day, id, all } = await loadLate('ETH', 12)
    expect(await backtide.ended(id)).toMatchObject({ state: 'complete', rows: 1_200 })
    expect(transactions).toBeGreaterThan(3)
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
    const bodies = requests.bodies.filter((key) => key.includes('ETH'))
    expect(bodies.length).toBeLessThanOrEqual(12 + 4 + transactions)
  })
})

/** Hours 0 to `hours` of a coin, after the last hour of another was loaded. */
async function loadLate(coin: string, hours: number) {
  const day = servers.nextDay()
  const other = books({ coin: 'DOGE', hour: hourOf(day, 20), count: 10 })
  await archive.putBooks('DOGE', hourOf(day, 20), other)
  const first = await backtide.start(request('DOGE', day, 20, 21))
  await backtide.ended(first)
  const all: Book[] = [...other]
  for (let hour = 0; hour < hours; hour++) {
    const some = books({ coin, hour: hourOf(day, hour), count: 100 })
    await archive.putBooks(coin, hourOf(day, hour), some)
    all.push(...some)
  }
  return { day, all, id: await backtide.start(request(coin, day, 0, hours)) }
}

function request(coin: string, day: string, from: number, to: number) {
  const at = (hour: number) => new Date(hourOf(day, hour)).toISOString()
  return { dataset: 'hyperliquid.l2_book', coins: [coin], from: at(from), to: at(to) }
}

/** Loads that ended in the last run of a day. */
async function loadsOf(day: string): Promise<number> {
  const { events } = await backtide.client.workflow.getHandle(`load/l2_book/${day}`).fetchHistory()
  return (events ?? []).filter((event) => event.activityTaskCompletedEventAttributes).length
}

describe('a table that is dropped while Backtide runs', () => {
  it('is created again, and loaded', async () => {
    const day = servers.nextDay()
    const all = books({ coin: 'SOL', hour: hourOf(day, 1), count: 10 })
    await archive.putBooks('SOL', hourOf(day, 1), all)
    await backtide.ended(await backtide.start(request('SOL', day, 1, 2)))
    const dropped = 'DROP TABLE asset_ctxs_all'
    await backtide.store.ensureTables([])
    await backtide.store.db.query(sql`DROP VIEW IF EXISTS asset_ctxs`)
    await backtide.store.db.query({ text: dropped.replace('TABLE', 'TABLE IF EXISTS') })
    const id = await backtide.start({
      dataset: 'hyperliquid.asset_ctxs',
      from: '2023-05-21',
      to: '2023-05-22',
    })
    expect(await backtide.ended(id)).toMatchObject({ counts: { missing: 1 } })
    expect(await backtide.store.db.query(sql`SELECT count() FROM asset_ctxs`)).toEqual([[0]])
  })
})
