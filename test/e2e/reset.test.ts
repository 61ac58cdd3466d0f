import { sql, trusted } from '@backtide/store/sql'
import { waitApplied } from '@backtide/store/wait-applied'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bookKey, hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
import { openGate, type Gate } from '../helpers/gate.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const COINS = ['BTC', 'ETH']
let backtide: Backtide
let worker: AsyncDisposable
let s3: Gate

beforeAll(async () => {
  backtide = await openBacktide(servers)
  s3 = await openGate(servers.s3.endpoint)
  worker = await startWorker({ ...servers, s3: { ...servers.s3, endpoint: s3.url } })
})

afterAll(async () => {
  s3.open()
  await worker[Symbol.asyncDispose]()
  await Promise.all([s3, backtide].map((one) => one[Symbol.asyncDispose]()))
})

describe('a day that was dropped from the table', () => {
  it('is loaded again after a reset, and so are the first rows of the next that were in it', async () => {
    const days = threeDays()
    const [before, day, after] = days
    // The last hour of the day before, the first and the last of the day, the first of the day after.
    const hours = [hourOf(before, 23), hourOf(day, 0), hourOf(day, 23), hourOf(after, 0)]
    const all = await putAll(hours)
    const range = { from: hourOf(before, 23), to: hourOf(after, 1) }
    await load(range)
    expect(await rowsOf(days)).toEqual(all.map(expectedRows))

    await backtide.store.db.query(
      sql`ALTER TABLE l2_book_all DROP PARTITION LIST ${trusted(`'${day}'`)}`,
    )
    await waitApplied(backtide.store.db, 'l2_book_all')
    const lost = await rowsOf(days)
    // Of the day only the first rows are left, and of the day after all but the first.
    expect(lost.map(({ length }) => length)).toEqual([40, 2, 38])

    const answer = await reset({ from: hourOf(day, 0), to: hourOf(day, 24) })
    expect(answer).toMatchObject({ reset: 6 + 44, complete: 6 })
    const complete = answer.objects.filter(({ state }) => state === 'complete')
    expect(complete.map(({ object }) => object).toSorted()).toEqual(
      hours
        .slice(1)
        .flatMap((hour) => COINS.map((coin) => bookKey(coin, hour)))
        .toSorted(),
    )
    expect(await statesOf(range)).toEqual({ reset: 50, complete: 2 })

    await load(range)
    expect(await rowsOf(days)).toEqual(all.map(expectedRows))
    expect(await statesOf(range)).toEqual({ complete: 8, missing: 44 })
  })

  it('is reset for the coins named only, with the reason on record', async () => {
    const day = servers.nextDay()
    const hour = hourOf(day, 5)
    await putAll([hour])
    const range = { from: hour, to: hour + 3_600_000 }
    await load(range)
    expect(await reset({ ...range, coins: ['ETH'], by: 'ann', reason: 'doubt' })).toMatchObject({
      reset: 1,
    })
    const [btc, eth] = await ledger(range)
    expect([btc?.state, eth?.state]).toEqual(['complete', 'reset'])
    expect(eth).toMatchObject({ reason: 'reset by ann: doubt', etag: '', distinctRows: 0 })
    expect(eth?.minTs).toBe(btc?.minTs)
    const log = await backtide.store.db.query(
      sql`SELECT state FROM ledger_log WHERE object = ${bookKey('ETH', hour)} ORDER BY ts`,
    )
    expect(log).toEqual([['complete'], ['reset']])
    expect(await reset({ ...range, coins: ['ETH'] })).toMatchObject({ reset: 0 })
  })
})

describe('a day that is being loaded', () => {
  it('is not reset, and the load is named', async () => {
    const day = servers.nextDay()
    const hour = hourOf(day, 0)
    await putAll([hour])
    const range = { from: hour, to: hour + 3_600_000 }
    s3.rule = ({ path }) => (path.includes(bookKey('BTC', hour)) ? 'hold' : 'pass')
    const id = await start(range)
    const answer = await waitUntil('the load to be seen', async () => {
      const response = await backtide.call('POST', '/ledger/reset', bodyOf(range))
      return response.status === 409 && ((await response.json()) as object)
    })
    expect(answer).toMatchObject({ code: 'loading', ids: [`load/l2_book/${day}`] })
    s3.open()
    expect(await backtide.ended(id)).toMatchObject({ state: 'complete' })
    const reopened = await waitUntil('the load to be gone', async () => {
      const response = await backtide.call('POST', '/ledger/reset', bodyOf(range))
      return response.ok && ((await response.json()) as object)
    })
    expect(reopened).toMatchObject({ reset: 2 })
  })
})

interface Asked {
  readonly from: number
  readonly to: number
  readonly coins?: readonly string[]
  readonly by?: string
  readonly reason?: string
}

function bodyOf({ from, to, ...rest }: Asked) {
  const instants = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  return { dataset: 'hyperliquid.l2_book', ...instants, ...rest }
}

async function reset(asked: Asked) {
  const response = await backtide.call('POST', '/ledger/reset', bodyOf(asked))
  expect(response.status).toBe(200)
  return (await response.json()) as { objects: { object: string; state: string }[] }
}

async function start(asked: Asked): Promise<string> {
  return await backtide.start(bodyOf({ coins: COINS, ...asked }))
}

async function load(asked: Asked): Promise<void> {
  await backtide.ended(await start(asked))
}

function threeDays(): readonly [string, string, string] {
  const first = hourOf(servers.nextDay(3), 0)
  const nth = (number: number) => new Date(first + number * 86_400_000).toISOString().slice(0, 10)
  return [nth(0), nth(1), nth(2)]
}

/** Twenty books an hour and coin, by day. */
async function putAll(hours: readonly number[]): Promise<Book[][]> {
  const byDay = new Map<number, Book[]>()
  for (const hour of hours) {
    const day = Math.floor(hour / 86_400_000)
    for (const coin of COINS) {
      const some = books({ coin, hour, count: 20 })
      await archive.putBooks(coin, hour, some)
      byDay.set(day, [...(byDay.get(day) ?? []), ...some])
    }
  }
  return [...byDay.values()]
}

async function rowsOf(days: readonly string[]) {
  return await Promise.all(days.map((day) => bookRows(backtide.store, day)))
}

function scopeOf(range: { readonly from: number; readonly to: number }) {
  return { dataset: 'hyperliquid.l2_book', symbols: COINS, range }
}

async function statesOf(range: { readonly from: number; readonly to: number }) {
  const summary = await backtide.store.summariseLedger({ ...scopeOf(range), backfillId: '' })
  return summary.counts
}

async function ledger(range: { readonly from: number; readonly to: number }) {
  return await backtide.store.listLedger({ ...scopeOf(range), limit: 10 })
}
