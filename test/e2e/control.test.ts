import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
import { openGate, type Gate } from '../helpers/gate.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const run = promisify(execFile)
const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
let backtide: Backtide
let worker: AsyncDisposable
/** In front of the archive: tests hold objects back to catch a backfill in the act. */
let gate: Gate

beforeAll(async () => {
  backtide = await openBacktide(servers)
  gate = await openGate(servers.s3.endpoint)
  worker = await startWorker({ ...servers, s3: { ...servers.s3, endpoint: gate.url } })
})

afterAll(async () => {
  gate.open()
  await worker[Symbol.asyncDispose]()
  await gate[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

describe('signals from the temporal CLI, without any input', () => {
  it('pause starts nothing new and resume finishes it', async () => {
    const { id, days, all } = await startDays('BTC', 4)
    await caughtIn(days[0])
    await signal(id, 'pause')
    await waitUntil(
      'the backfill to be paused',
      async () => (await backtide.status(id)).state === 'paused',
    )
    gate.open()
    await waitUntil('what is in flight to end', async () => (await inFlight(id)) === 0)
    expect(await backtide.status(id)).toMatchObject({ state: 'paused', remaining: 3 * 24 })
    expect(new Set(gate.seen.map(({ path }) => dayIn(path, 'BTC')))).toEqual(
      dayNames(days.slice(0, 1)),
    )

    await signal(id, 'resume')
    expect(await backtide.ended(id)).toMatchObject({
      counts: { complete: 8, missing: 88 },
      rows: all.length,
    })
    for (const day of days) {
      const own = all.filter(({ time }) => new Date(time + 350).toISOString().startsWith(day))
      expect(await bookRows(backtide.store, day)).toEqual(expectedRows(own))
    }
  })

  it('cancel during a pause ends it Canceled', async () => {
    const { id, days } = await startDays('ETH', 3)
    await caughtIn(days[0])
    await signal(id, 'pause')
    await waitUntil(
      'the backfill to be paused',
      async () => (await backtide.status(id)).state === 'paused',
    )
    await signal(id, 'cancel')
    await waitUntil('the run to close', async () => (await statusName(id)) !== 'RUNNING')
    gate.open()
    expect(await statusName(id)).toBe('CANCELLED')
    expect(await backtide.ended(id)).toMatchObject({ state: 'cancelled' })
  })
})

describe('the API', () => {
  it('pauses, resumes and cancels, and refuses it once the backfill has ended', async () => {
    const { id, days } = await startDays('SOL', 3)
    await caughtIn(days[0])
    expect((await backtide.call('POST', `/backfills/${id}/pause`, { reason: 'disk' })).status).toBe(
      202,
    )
    const paused = await waitUntil('the backfill to be paused', async () => {
      const status = await backtide.status(id)
      return status.state === 'paused' && status
    })
    expect(paused.reason).toContain('disk')
    expect((await backtide.call('POST', `/backfills/${id}/resume`)).status).toBe(202)
    const why = { reason: 'wrong coin', by: 'ann' }
    expect((await backtide.call('POST', `/backfills/${id}/cancel`, why)).status).toBe(202)
    expect(await backtide.ended(id)).toMatchObject({ state: 'cancelled', reason: 'wrong coin' })
    expect(await cancelCauses(id)).toEqual(['wrong coin'])
    gate.open()
    // The end is on record a moment before the run closes.
    await waitUntil('the run to close', async () => (await statusName(id)) !== 'RUNNING')
    expect(await statusName(id)).toBe('CANCELLED')
    const refused = await backtide.call('POST', `/backfills/${id}/pause`)
    expect(refused.status).toBe(409)
    expect(refused.headers.get('content-type')).toContain('application/problem+json')
  })

  it('makes one backfill of fifty equal requests at once, and refuses the key for another', async () => {
    const day = servers.nextDay()
    await archive.putBooks(
      'DOT',
      hourOf(day, 0),
      books({ coin: 'DOT', hour: hourOf(day, 0), count: 3 }),
    )
    const body = {
      dataset: 'hyperliquid.l2_book',
      coins: ['DOT'],
      from: `${day}T00:00:00Z`,
      to: `${day}T01:00:00Z`,
    }
    const key = { 'idempotency-key': `dot-${day}` }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => backtide.call('POST', '/backfills', body, key)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    const ids = new Set(
      await Promise.all(answers.map(async (one) => ((await one.json()) as { id: string }).id)),
    )
    expect(ids.size).toBe(1)
    const [id = ''] = ids
    await backtide.ended(id)
    const runs = []
    for await (const one of backtide.client.workflow.list({ query: `WorkflowId = '${id}'` }))
      runs.push(one)
    expect(runs.length).toBe(1)
    const other = await backtide.call('POST', '/backfills', { ...body, coins: ['DOT', 'BTC'] }, key)
    expect(other.status).toBe(422)
  })

  it('makes one backfill of fifty equal requests without a key, and a new one once it has ended', async () => {
    const { id, days } = await startDays('LINK', 1)
    await caughtIn(days[0])
    const body = requestOf('LINK', days)
    const ids = await Promise.all(Array.from({ length: 50 }, () => backtide.start(body)))
    expect(new Set(ids)).toEqual(new Set([id]))
    gate.open()
    await backtide.ended(id)
    expect(await backtide.start(body)).not.toBe(id)
  })
})

describe('coins that the archive does not have', () => {
  it('end a backfill at once when they are all like one that it has', async () => {
    const { days } = await putDays('AVAX', 1)
    const id = await backtide.start(requestOf('avax', days))
    const { state, reason, counts } = await backtide.ended(id)
    expect({ state, counts }).toEqual({ state: 'failed', counts: {} })
    expect(reason).toMatch(/not in the archive .*"avax"\. Did you mean "AVAX"\? Start it again/)
  })

  it('are told while the others are loaded, and are why the end is incomplete', async () => {
    const { id, days } = await startDays('ATOM', 1, ['NOATOM'])
    await caughtIn(days[0])
    const { warnings } = await backtide.status(id)
    expect(warnings).toContainEqual(expect.stringMatching(/others there: "NOATOM"\.$/))
    gate.open()
    const ended = await backtide.ended(id)
    expect(ended).toMatchObject({ state: 'incomplete', counts: { complete: 2, missing: 46 } })
    expect(ended.reason).toMatch(/"NOATOM"/)
  })
})

/** Two hours in each of some days, and a backfill of them one day at a time, held at its objects. */
async function startDays(coin: string, count: number, others: readonly string[] = []) {
  gate.rule = ({ path }) => (path.includes(`/${coin}.lz4`) ? 'hold' : 'pass')
  const { days, all } = await putDays(coin, count)
  const request = requestOf(coin, days)
  const id = await backtide.start({ ...request, coins: [coin, ...others] })
  return { id, days, all }
}

async function putDays(coin: string, count: number) {
  const first = servers.nextDay(count)
  const days = Array.from({ length: count }, (_, index) => {
    return new Date(hourOf(first, index * 24)).toISOString().slice(0, 10)
  })
  const all: Book[] = []
  for (const day of days) {
    for (const hour of [0, 1]) {
      const some = books({ coin, hour: hourOf(day, hour), count: 10 })
      all.push(...some)
      await archive.putBooks(coin, hourOf(day, hour), some)
    }
  }
  return { days, all }
}

function requestOf(coin: string, days: readonly string[]) {
  const to = new Date(hourOf(days.at(-1) ?? '', 24)).toISOString()
  return {
    dataset: 'hyperliquid.l2_book',
    coins: [coin],
    from: `${days[0]}T00:00:00Z`,
    to,
    concurrency: 1,
  }
}

/** Waits until objects of a day are asked for, and held. */
async function caughtIn(day = ''): Promise<void> {
  const name = day.replaceAll('-', '')
  await waitUntil('a load to be held', () => gate.held.some(({ path }) => path.includes(name)))
}

async function signal(id: string, name: string): Promise<void> {
  const { programs, temporal, namespace } = servers
  const where = ['--address', temporal, '--namespace', namespace]
  await run(programs.temporal, [
    'workflow',
    'signal',
    '--workflow-id',
    id,
    '--name',
    name,
    ...where,
  ])
}

async function inFlight(id: string): Promise<number> {
  const handle = backtide.client.workflow.getHandle(id)
  return (await handle.query<{ inFlight: string[] }>('progress')).inFlight.length
}

async function statusName(id: string): Promise<string> {
  return (await backtide.client.workflow.getHandle(id).describe()).status.name
}

/** The day an object of a coin belongs to, from the path of its request. */
function dayIn(path: string, coin: string): string | undefined {
  return new RegExp(`market_data/(\\d{8})/\\d+/l2Book/${coin}\\.lz4`).exec(path)?.[1]
}

function dayNames(days: readonly string[]): Set<string | undefined> {
  return new Set([undefined, ...days.map((day) => day.replaceAll('-', ''))])
}

/** Why Temporal was asked to cancel a run, as its history has it. */
async function cancelCauses(id: string): Promise<readonly (string | null | undefined)[]> {
  const { events } = await backtide.client.workflow.getHandle(id).fetchHistory()
  return (events ?? []).flatMap((event) => {
    const asked = event.workflowExecutionCancelRequestedEventAttributes
    return asked ? [asked.cause] : []
  })
}
