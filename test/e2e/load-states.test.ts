import { readFileSync } from 'node:fs'
import { sql } from '@backtide/store/sql'
import { compressFrameSync } from 'lz4-napi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bookKey, hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { bookLine, bookObject, books, type Book } from '../helpers/books.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
let backtide: Backtide
let worker: AsyncDisposable

beforeAll(async () => {
  backtide = await openBacktide(servers)
  worker = await startWorker(servers)
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

describe('a day of order books', () => {
  it('holds exactly the rows of its objects, value by value', async () => {
    const day = servers.nextDay()
    const all = []
    for (const coin of ['BTC', 'kPEPE', 'ETH']) {
      for (let hour = 0; hour < 24; hour++) {
        const some = books({ coin, hour: hourOf(day, hour), count: 40 })
        await archive.putBooks(coin, hourOf(day, hour), some)
        all.push(...some)
      }
    }
    const id = await backtide.start({
      dataset: 'hyperliquid.l2_book',
      coins: ['BTC', 'kPEPE', 'ETH'],
      from: day,
      to: nextDay(day),
    })
    const status = await backtide.ended(id)
    expect(status).toMatchObject({ state: 'complete', counts: { complete: 72 }, rows: 72 * 40 })
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
  })

  it('names every object that is not complete for what it is', async () => {
    const day = servers.nextDay()
    const of = (hour: number) => books({ coin: 'SOL', hour: hourOf(day, hour), count: 200 })
    const put = (hour: number, bytes: Uint8Array) =>
      archive.put(bookKey('SOL', hourOf(day, hour)), bytes)
    const half = (hour: number) => of(hour).slice(0, 100)
    const rest = (hour: number) => of(hour).slice(100)
    const wrong = of(8).map(bookLine)
    wrong[3] = wrong[3]?.replace('"SOL"', '"BTC"') ?? ''
    wrong[5] = '{"time":'
    const late = of(9).map(bookLine)
    late[0] = bookLine({ ...nth(of(9), 0), recv: BigInt(hourOf(day, 11)) * 1_000_000n })

    await put(1, Buffer.concat([bookObject(half(1)), bookObject(rest(1)).subarray(0, -9)]))
    await put(2, Buffer.from('this is not LZ4'))
    await put(3, compressFrameSync(Buffer.alloc(0)))
    await put(4, Buffer.alloc(0))
    await put(5, Buffer.concat([bookObject(half(5)), bookObject(rest(5))]))
    await put(
      6,
      compressFrameSync(
        Buffer.from([...of(6), nth(of(6), 7)].map((b) => `${bookLine(b)}\n`).join('')),
      ),
    )
    await put(7, bookObject(of(7).toReversed()))
    await put(8, compressFrameSync(Buffer.from(wrong.join('\n'))))
    await put(9, compressFrameSync(Buffer.from(late.join('\n'))))

    const id = await backtide.start({
      dataset: 'hyperliquid.l2_book',
      coins: ['SOL'],
      from: `${day}T00:00:00Z`,
      to: `${day}T10:00:00Z`,
    })
    expect(await backtide.ended(id)).toMatchObject({ state: 'incomplete', total: 10, remaining: 0 })
    expect(await statesOf(day, 'SOL')).toEqual([
      ['missing', 'absent upstream', 0],
      ['corrupt', expect.stringContaining('end of the object'), 100],
      ['corrupt', expect.any(String), 0],
      ['complete_empty', '', 0],
      ['corrupt', expect.stringContaining('empty'), 0],
      ['complete', '', 200],
      ['complete', '', 200],
      ['complete', '', 200],
      ['degraded', 'rejected_lines: 2', 198],
      ['degraded', 'rejected_lines: 1', 199],
    ])
    const found = await bookRows(backtide.store, day)
    const intact = [5, 6, 7].flatMap(of)
    const partly = [...half(1), ...of(8).filter((_, i) => i !== 3 && i !== 5), ...of(9).slice(1)]
    expect(found).toEqual(expectedRows([...intact, ...partly]))
  })

  it('calls an absent object pending while the archive may still publish it', async () => {
    const today = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10)
    const id = await backtide.start({
      dataset: 'hyperliquid.l2_book',
      coins: ['NEVER'],
      from: `${today}T00:00:00Z`,
      to: `${today}T02:00:00Z`,
    })
    expect(await backtide.ended(id)).toMatchObject({ state: 'incomplete', counts: { pending: 2 } })
  })

  it('loads coins whose names would be paths or markup', async () => {
    const day = servers.nextDay()
    const coins = ['@107', 'PURR/USDC', 'xyz:TSLA', '#123']
    const all = coins.flatMap((coin) => books({ coin, hour: hourOf(day, 0), count: 5 }))
    for (const coin of coins) {
      await archive.putBooks(
        coin,
        hourOf(day, 0),
        all.filter((book) => book.coin === coin),
      )
    }
    const id = await backtide.start({
      dataset: 'hyperliquid.l2_book',
      coins,
      from: `${day}T00:00:00Z`,
      to: `${day}T01:00:00Z`,
    })
    expect(await backtide.ended(id)).toMatchObject({ state: 'complete', counts: { complete: 4 } })
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
  })
})

describe('two books in one millisecond', () => {
  it('are both in l2_book, and l2_snapshot holds exactly the later one, whole', async () => {
    const day = servers.nextDay()
    const hour = hourOf(day, 3)
    const all = books({ coin: 'AAVE', hour, count: 30 })
    const early = nth(all, 10)
    const twin = {
      ...early,
      recv: early.recv + 5n,
      bids: early.bids.slice(2, 9),
      asks: early.asks.slice(1, 4),
    }
    await archive.put(bookKey('AAVE', hour), bookObject([twin, ...all]))
    for (const dataset of ['hyperliquid.l2_book', 'hyperliquid.l2_snapshot']) {
      const range = { from: `${day}T03:00:00Z`, to: `${day}T04:00:00Z` }
      const id = await backtide.start({ dataset, coins: ['AAVE'], ...range })
      expect(await backtide.ended(id)).toMatchObject({ state: 'complete' })
    }
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows([...all, twin]))
    const at = new Date(early.time).toISOString()
    const rows = await backtide.store.db.query(
      sql`SELECT side, level, price, quantity FROM l2_snapshot WHERE ticker = 'AAVE' AND ts = ${at} ORDER BY side, level`,
    )
    const side = (name: string, levels: typeof twin.bids) =>
      levels.map(({ px, sz }, level) => [name, level, Number(px), Number(sz)])
    expect(rows).toEqual([...side('ask', twin.asks), ...side('bid', twin.bids)])
  })
})

describe('real objects', () => {
  it('load with the values an independent decoder found in them', async () => {
    const folder = new URL('../fixtures/hyperliquid.asset_ctxs/', import.meta.url)
    const object = readFileSync(new URL('2025-01-01.all.csv.lz4', folder))
    await archive.put('asset_ctxs/20250101.csv.lz4', object)
    const id = await backtide.start({
      dataset: 'hyperliquid.asset_ctxs',
      from: '2025-01-01',
      to: '2025-01-02',
    })
    // The sample is the head of a real day, and is found to be no more than that.
    expect(await backtide.ended(id)).toMatchObject({ counts: { degraded: 1 } })
    const rows = await backtide.store.db.query(
      sql`SELECT ts, symbol, funding, open_interest, premium, mid_px FROM asset_ctxs
        WHERE ts IN '2025-01-01' ORDER BY ts, symbol LIMIT 2`,
    )
    expect(rows).toEqual([
      ['2025-01-01T00:00:00.000000Z', 'BTC', 0.0000125, 8026.12074, 0.00045952, 93619.5],
      ['2025-01-01T00:00:00.000000Z', 'ETH', 0.0000125, 185234.5832, -0.00026965, 3336.75],
    ])
  })
})

async function statesOf(day: string, coin: string) {
  const range = { from: hourOf(day, 0), to: hourOf(day, 24) }
  const scope = { dataset: 'hyperliquid.l2_book', symbols: [coin], range, limit: 100 }
  const rows = await backtide.store.listLedger(scope)
  return rows.map(({ state, reason, distinctRows }) => [state, reason, distinctRows])
}

function nextDay(day: string): string {
  return new Date(hourOf(day, 24)).toISOString().slice(0, 10)
}

function nth(all: readonly Book[], index: number): Book {
  const book = all[index]
  if (!book) throw new Error(`There is no book ${index}`)
  return book
}
