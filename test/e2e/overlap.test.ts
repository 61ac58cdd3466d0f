import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
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

describe('two backfills that overlap in days and coins', () => {
  it('never write a day at once, give the rows of one, and both end with the truth', async () => {
    const first = servers.nextDay(3)
    const days = [0, 1, 2].map((index) =>
      new Date(hourOf(first, index * 24)).toISOString().slice(0, 10),
    )
    const all = await fill(days, ['BTC', 'ETH', 'SOL'])
    const to = new Date(hourOf(first, 72)).toISOString()
    const range = { dataset: 'hyperliquid.l2_book', from: `${first}T00:00:00Z`, to, concurrency: 3 }
    const ids = await Promise.all([
      backtide.start({ ...range, coins: ['BTC', 'ETH'] }),
      backtide.start({ ...range, coins: ['ETH', 'SOL'], order: 'newest-first' }),
    ])
    for (const id of ids) {
      const status = await backtide.ended(id)
      expect(status).toMatchObject({ counts: { complete: 18, missing: 126 }, rows: 18 * 20 })
    }
    for (const day of days) {
      const own = all.filter(({ recv }) => dayOf(recv) === day)
      expect(await bookRows(backtide.store, day)).toEqual(expectedRows(own))
      expect(await overlaps(`load/l2_book/${day}`)).toEqual([])
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

/** Pairs of runs of one workflow id that ran at the same time. */
async function overlaps(workflowId: string): Promise<string[]> {
  const runs: { start: number; close: number }[] = []
  for await (const run of backtide.client.workflow.list({
    query: `WorkflowId = '${workflowId}'`,
  })) {
    runs.push({ start: run.startTime.getTime(), close: run.closeTime?.getTime() ?? Infinity })
  }
  runs.sort((a, b) => a.start - b.start)
  expect(runs.length).toBeGreaterThan(1)
  return runs.flatMap((run, index) => {
    const next = runs[index + 1]
    return next && next.start < run.close ? [`${run.close} > ${next.start}`] : []
  })
}

function dayOf(recv: bigint): string {
  return new Date(Number(recv / 1_000_000n)).toISOString().slice(0, 10)
}
