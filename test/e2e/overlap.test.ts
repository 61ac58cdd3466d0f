import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
import { openGate, type Gate, type Seen } from '../helpers/gate.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
let backtide: Backtide
let worker: AsyncDisposable
/** In front of QuestDB: tests see, and hold back, what is written. */
let gate: Gate

beforeAll(async () => {
  backtide = await openBacktide(servers)
  gate = await openGate(servers.questdb.replace('http::addr=', 'http://').replace(';', ''))
  worker = await startWorker({ ...servers, questdb: `http::addr=${gate.host};` })
})

afterAll(async () => {
  gate.open()
  await worker[Symbol.asyncDispose]()
  await gate[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

describe('two backfills that overlap in days and coins', () => {
  it('never write a day at once, give the rows of one, and both end with the truth', async () => {
    const first = servers.nextDay(3)
    const days = [0, 1, 2].map((index) =>
      new Date(hourOf(first, index * 24)).toISOString().slice(0, 10),
    )
    const all = await fill(days, ['BTC', 'ETH', 'SOL'])
    const to = new Date(hourOf(first, 72)).toISOString()
    const range = { dataset: 'hyperliquid.l2_book', from: `${first}T00:00:00Z`, to, concurrency: 3 }
    const met: string[] = []
    gate.rule = (seen) => {
      met.push(...meetings(seen, gate.active))
      return writerOf(seen) === 'BTC' && dayWritten(seen) === first ? 'hold' : 'pass'
    }
    const one = await backtide.start({ ...range, coins: ['BTC', 'ETH'] })
    await waitUntil('the first to write its first day', () => gate.held.length > 0)
    const other = await backtide.start({
      ...range,
      coins: ['ETH', 'SOL'],
      order: 'newest-first',
    })
    await waitUntil('the other to have only that day left', () => onlyHeldLeft(other))
    const written = gate.seen.filter((seen) => writerOf(seen) === 'SOL').map(dayWritten)
    expect(new Set(written)).toEqual(new Set(days.slice(1)))

    gate.rule = (seen) => {
      met.push(...meetings(seen, gate.active))
      return 'pass'
    }
    for (const id of [one, other]) {
      const status = await backtide.ended(id)
      expect(status).toMatchObject({ counts: { complete: 18, missing: 126 }, rows: 18 * 20 })
    }
    expect(met).toEqual([])
    for (const day of days) {
      const own = all.filter(({ recv }) => dayOf(recv) === day)
      expect(await bookRows(backtide.store, day)).toEqual(expectedRows(own))
    }
  })

  it('leave the one that finds nothing to do done as well', async () => {
    const day = servers.nextDay()
    await fill([day], ['BTC'])
    const body = {
      dataset: 'hyperliquid.l2_book',
      coins: ['BTC'],
      from: `${day}T00:00:00Z`,
      to: `${day}T03:00:00Z`,
    }
    const ids = await Promise.all([
      backtide.start(body),
      backtide.start({ ...body, concurrency: 2 }),
    ])
    expect(new Set(ids).size).toBe(2)
    for (const id of ids)
      expect(await backtide.ended(id)).toMatchObject({ state: 'complete', rows: 60 })
  })
})

async function fill(days: readonly string[], coins: readonly string[]): Promise<Book[]> {
  const all: Book[] = []
  for (const day of days) {
    for (const coin of coins) {
      for (const hour of [0, 1, 2]) {
        const some = books({ coin, hour: hourOf(day, hour), count: 20 })
        all.push(...some)
        await archive.putBooks(coin, hourOf(day, hour), some)
      }
    }
  }
  return all
}

/** The coin by which a body of rows tells whose it is: ETH is in bodies of both. */
function writerOf({ path, body }: Seen): 'BTC' | 'SOL' | undefined {
  if (!path.startsWith('/write') || !body.subarray(0, 12).equals(ROWS)) return undefined
  return (['BTC', 'SOL'] as const).find((coin) => body.includes(`symbol=${coin}`))
}

const ROWS = Buffer.from('l2_book_all,')

/** The day of the last row of a body: the first may be stamped in the day before. */
function dayWritten({ body }: Seen): string | undefined {
  const [, digits = ''] =
    [...body.toString('latin1').matchAll(/ (\d{16,19})[a-z]?\n/g)].at(-1) ?? []
  return digits && new Date(Number(digits.slice(0, 13))).toISOString().slice(0, 10)
}

/** Bodies of the other backfill for the same day that are on their way with a new one. */
function meetings(seen: Seen, active: readonly Seen[]): string[] {
  const [writer, day] = [writerOf(seen), dayWritten(seen)]
  if (!writer) return []
  return active
    .filter((one) => writerOf(one) && writerOf(one) !== writer && dayWritten(one) === day)
    .map(() => `${writer} began to write ${day} while the other did`)
}

/** Whether a backfill waits for a day that is held; false would be an end or work of its own. */
async function onlyHeldLeft(id: string): Promise<boolean> {
  const { state } = await backtide.status(id)
  if (state !== 'running') return true
  const { days } = await backtide.client.workflow
    .getHandle(id)
    .query<{ days: { done: number; deferred: number } }>('progress')
  return days.done === 2 && days.deferred === 1
}

function dayOf(recv: bigint): string {
  return new Date(Number(recv / 1_000_000n)).toISOString().slice(0, 10)
}
