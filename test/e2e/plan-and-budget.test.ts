import { SourceUnavailableError } from '@backtide/activities/objects/errors'
import type { ListingRequest } from '@backtide/activities/objects/object-store'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import { bookKey, hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { sql } from '@backtide/store/sql'
import { books } from '../helpers/books.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { beforeAll, describe, expect, it } from 'vitest'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
let backtide: Backtide

beforeAll(async () => {
  backtide = await openBacktide(servers)
  return () => backtide[Symbol.asyncDispose]()
})

/** A request is a dollar, whatever it brings. */
const RATES = { perGiB: 0, perThousandGets: 1_000, perThousandLists: 0 }
const prices = { 'hyperliquid-archive': RATES }

/** Puts the first hours of a day of a coin; five books each. */
async function putHours(coin: string, day: string, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour += 1) {
    const at = hourOf(day, hour)
    await archive.putBooks(coin, at, books({ coin, hour: at, count: 5 }))
  }
}

function request(coin: string, day: string, hours: number) {
  const to = `${day}T${String(hours).padStart(2, '0')}`
  return { dataset: 'hyperliquid.l2_book', coins: [coin], from: day, to }
}

interface Spending {
  readonly state: string
  readonly reason?: string
  readonly spent: { readonly usd: number; readonly gets: number; readonly bytes: number }
}

async function untilPaused(id: string): Promise<Spending> {
  return await waitUntil(`${id} to pause`, async () => {
    const status = (await backtide.status(id)) as unknown as Spending
    return status.state === 'paused' && status
  })
}

async function monthUsd(): Promise<number> {
  const answer = await backtide.call('GET', '/budget')
  return ((await answer.json()) as { spent: { usd: number } }).spent.usd
}

async function post(path: string, body?: object): Promise<number> {
  return (await backtide.call('POST', path, body)).status
}

describe('A budget', () => {
  it('that is spent in the middle pauses a backfill; raised, it goes on, and every row is there once', async () => {
    await using worker = await startWorker(servers, { spending: { prices } })
    void worker
    const day = servers.nextDay()
    await putHours('BTC', day, 12)
    const id = await backtide.start({ ...request('BTC', day, 12), maxCostUsd: 4 })
    const paused = await untilPaused(id)
    expect(paused.reason).toContain('the budget of $4.00 is spent')
    expect(paused.reason).toContain(`backtide budget raise ${id} USD, then backtide resume ${id}`)
    // No more than was on its way when it was reached.
    expect(paused.spent.usd).toBeGreaterThanOrEqual(4)
    expect(paused.spent.usd).toBeLessThanOrEqual(7)

    expect(await post(`/backfills/${id}/budget`, { maxCostUsd: 50 })).toBe(202)
    expect(await post(`/backfills/${id}/resume`)).toBe(202)
    const ended = await backtide.ended(id)
    expect(ended).toMatchObject({ state: 'complete', rows: 60, counts: { complete: 12 } })
    // What was loaded before was not paid for again.
    expect(ended).toMatchObject({ spent: { usd: 12, gets: 12 } })
    expect((ended as unknown as Spending).spent.bytes).toBe(await sizeOf(id))
  })

  it('of a month is one for all backfills, and a later one waits for it', async () => {
    const [day, other] = [servers.nextDay(), servers.nextDay()]
    await putHours('ETH', day, 3)
    await putHours('ETH', other, 12)
    const monthlyUsd = (await monthUsd()) + 5
    let id: string
    {
      await using worker = await startWorker(servers, { spending: { prices, monthlyUsd } })
      void worker
      const first = await backtide.ended(await backtide.start(request('ETH', day, 3)))
      expect(first).toMatchObject({ state: 'complete', spent: { usd: 3 } })
      id = await backtide.start(request('ETH', other, 12))
      const { reason } = await untilPaused(id)
      expect(reason).toContain('BACKTIDE_MONTHLY_BUDGET_USD')
      expect(await monthUsd()).toBeGreaterThanOrEqual(monthlyUsd)
    }
    await using worker = await startWorker(servers, {
      spending: { prices, monthlyUsd: monthlyUsd + 50 },
    })
    void worker
    await post(`/backfills/${id}/resume`)
    expect(await backtide.ended(id)).toMatchObject({ state: 'complete', rows: 60 })
  })
})

interface Plan {
  readonly id: string
  readonly state: string
  readonly total: number
  readonly summary: {
    readonly load: { readonly objects: number; readonly bytes: number }
    readonly cost: { readonly usd: number; readonly listingUsd: number }
    readonly hash: string
  }
}

async function draw(body: object): Promise<Plan> {
  const ordered = await backtide.call('POST', '/plans', body)
  expect(ordered.status).toBe(202)
  const { id } = (await ordered.json()) as Plan
  const drawn = await waitUntil(`plan ${id}`, async () => {
    const plan = (await (await backtide.call('GET', `/plans/${id}`)).json()) as Plan
    return plan.state !== 'running' && plan
  })
  expect(drawn).toMatchObject({ state: 'ready' })
  return drawn
}

/** Both coins, hours 0 to 7: of BTC two are loaded already and one is not there, of ETH three are not. */
async function prepare(day: string): Promise<object> {
  await putHours('BTC', day, 8)
  await archive.remove(bookKey('BTC', hourOf(day, 5)))
  await putHours('ETH', day, 5)
  await backtide.ended(await backtide.start(request('BTC', day, 2)))
  return { ...request('BTC', day, 8), coins: ['BTC', 'ETH'] }
}

describe('A plan', () => {
  const rates = { perGiB: 1_000_000, perThousandGets: 1, perThousandLists: 1_000 }
  const spending = { prices: { 'hyperliquid-archive': rates } }

  it('is what the backfill then does: objects, bytes, dollars, and what it leaves alone', async () => {
    await using worker = await startWorker(servers, { spending })
    void worker
    const day = servers.nextDay()
    const body = await prepare(day)
    const plan = await draw(body)
    expect(plan).toMatchObject({
      state: 'ready',
      total: 16,
      summary: {
        load: { objects: 10 },
        absent: { missing: 4, pending: 0 },
        skipped: { complete: 2 },
        exact: true,
        // A listing of one day: one page.
        cost: { listingUsd: 1 },
        // BTC's first hours lie before what is loaded; nothing lies behind it but they.
        rewrites: { days: 1 },
      },
    })
    expect((await draw(body)).summary.hash).toBe(plan.summary.hash)

    const answer = await backtide.call('POST', '/backfills', { planId: plan.id })
    const { id } = (await answer.json()) as { readonly id: string }
    const ended = (await backtide.ended(id)) as unknown as Spending
    expect(ended).toMatchObject({
      state: 'incomplete',
      planId: plan.id,
      counts: { complete: 12, missing: 4 },
      own: { objects: 14 },
      spent: { gets: 14, bytes: plan.summary.load.bytes },
    })
    // The preflight lists too; loads do what the plan said.
    const { load, cost } = plan.summary
    const gets = ended.spent.usd - (await listedUsd(id))
    expect(gets).toBeCloseTo(cost.usd, 6)
    expect(load.bytes).toBeGreaterThan(1_000)
  })

  it('that is stale in one object does not load it, and says which', async () => {
    await using worker = await startWorker(servers, { spending })
    void worker
    const day = servers.nextDay(2)
    const second = new Date(hourOf(day, 24)).toISOString().slice(0, 10)
    await putHours('BTC', day, 24)
    await putHours('BTC', second, 1)
    const plan = await draw({ ...request('BTC', day, 4), to: `${second}T01`, concurrency: 1 })
    const at = hourOf(day, 2)
    await archive.putBooks('BTC', at, books({ coin: 'BTC', hour: at, count: 7, seed: 2 }))
    const answer = await backtide.call('POST', '/backfills', { planId: plan.id })
    const { id } = (await answer.json()) as { readonly id: string }
    const { reason } = await untilPaused(id)
    expect(reason).toContain('1 object is not what the plan saw')
    expect(reason).toContain(`${bookKey('BTC', at)} has ETag`)
    await post(`/backfills/${id}/resume`)
    const ended = await backtide.ended(id)
    expect(ended).toMatchObject({ state: 'incomplete', counts: { complete: 24 }, rows: 120 })
    expect(ended.reason).toContain(bookKey('BTC', at))
    const range = { from: at, to: hourOf(day, 3) }
    const asked = { dataset: 'hyperliquid.l2_book', symbols: ['BTC'], range }
    expect(await listLedger(backtide.store.db, asked)).toEqual([])
  })

  it('that is stale in the ledger is refused with what changed', async () => {
    await using worker = await startWorker(servers, { spending })
    void worker
    const day = servers.nextDay()
    await putHours('BTC', day, 4)
    const plan = await draw(request('BTC', day, 4))
    const other = await backtide.start(request('BTC', day, 1))
    await backtide.ended(other)
    const answer = await backtide.call('POST', '/backfills', { planId: plan.id })
    expect(answer.status).toBe(412)
    const { detail } = (await answer.json()) as { readonly detail: string }
    expect(detail).toContain(`${day}T00:00:00Z BTC is complete by ${other}`)
  })

  it('goes on where it was when looking at the archive failed', async () => {
    const pages: ListingRequest[] = []
    let fails = true
    await using worker = await startWorker(servers, {
      objects: (store) => ({
        ...store,
        listPage: async (page) => {
          pages.push(page)
          if (pages.length === 2 && fails) {
            fails = false
            throw new SourceUnavailableError('SlowDown')
          }
          return await store.listPage?.(page)
        },
      }),
    })
    void worker
    const from = servers.nextDay(10)
    const coins = Array.from({ length: 170 }, (_, index) => `C${index}`)
    const to = new Date(hourOf(from, 240)).toISOString().slice(0, 10)
    const plan = await draw({ dataset: 'hyperliquid.l2_book', coins, from, to })
    const total = 170 * 240
    expect(plan).toMatchObject({ total, summary: { absent: { missing: total } } })
    // Three parts of four days at most: the second twice, the first once.
    const prefixes = pages.map(({ prefix }) => prefix)
    expect(prefixes).toHaveLength(4)
    expect(prefixes[1]).toBe(prefixes[2])
    const [row] = await backtide.store.db.query(countSeen(plan.id))
    expect(row).toEqual([total])
  })
})

function countSeen(planId: string) {
  return sql`SELECT count() FROM plan_objects WHERE plan_id = ${planId}`
}

/** Dollars of listing, for a backfill. */
async function listedUsd(id: string): Promise<number> {
  const status = (await backtide.status(id)) as unknown as { spent: { lists: number } }
  return status.spent.lists
}

/** Compressed bytes of what a backfill loaded, by the ledger. */
async function sizeOf(id: string): Promise<number> {
  const status = (await backtide.status(id)) as unknown as { readonly bytes: number }
  return status.bytes
}
