import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startQuestDb } from '@backtide/stack/servers/questdb'
import { startS3 } from '@backtide/stack/servers/s3'
import { startTemporal } from '@backtide/stack/servers/temporal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, QUICK, startWorker, type Backtide, type Place } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
import { openGate, type Gate } from '../helpers/gate.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** Servers of this file alone, each over a folder, so that it can be killed and started again. */
const shared = ownServers(import.meta.filename)
const { programs } = shared
const folder = mkdtempSync(join(tmpdir(), 'backtide-killed-'))
const dir = (name: string) => join(folder, name)

const start = {
  questdb: (port?: number) =>
    startQuestDb({
      ...programs.questdb,
      dataDir: dir('questdb'),
      // Allows SUSPEND WAL.
      settings: { 'dev.mode.enabled': 'true' },
      ...(port ? { port } : {}),
    }),
  s3: (port?: number) =>
    startS3({
      binary: programs.s3,
      dataDir: dir('s3'),
      buckets: ['hyperliquid-archive'],
      ...(port ? { port } : {}),
    }),
  temporal: (port?: number) =>
    startTemporal({
      binary: programs.temporal,
      dataDir: dir('temporal'),
      ...(port ? { port } : {}),
    }),
}

type Running<K extends keyof typeof start> = Awaited<ReturnType<(typeof start)[K]>>
let questdb: Running<'questdb'>
let s3: Running<'s3'>
let temporal: Running<'temporal'>
let gate: Gate
let backtide: Backtide
let worker: AsyncDisposable

beforeAll(async () => {
  ;[questdb, s3, temporal] = await Promise.all([start.questdb(), start.s3(), start.temporal()])
  gate = await openGate(s3.endpoint)
  const place: Place = {
    temporal: temporal.address,
    namespace: 'default',
    questdb: questdb.clientConf,
    s3: { ...s3, endpoint: gate.url },
    bundles: shared.bundles,
  }
  backtide = await openBacktide(place)
  worker = await startWorker(place)
})

afterAll(async () => {
  gate.open()
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
  await gate[Symbol.asyncDispose]()
  await Promise.all([questdb.stop(), s3.stop(), temporal.stop()])
  rmSync(folder, { recursive: true, force: true })
})

describe('in the middle of a backfill', () => {
  it('QuestDB is killed and comes back after several retries: same rows, each once', async () => {
    const { id, day, all } = await startHeld('BTC')
    await questdb.kill()
    gate.open()
    await waitUntil('retries of the load', async () => (await attempts(day)) >= 4)
    expect((await backtide.call('GET', `/backfills/${id}`)).status).toBe(503)
    questdb = await start.questdb(questdb.port)
    await expectAll(id, day, all)
  })

  it('the archive is killed and comes back after several retries: same rows, each once', async () => {
    const { id, day, all } = await startHeld('ETH')
    await s3.kill()
    gate.open()
    await waitUntil('retries of the load', async () => (await attempts(day)) >= 4)
    s3 = await start.s3(s3.port)
    await expectAll(id, day, all)
  })

  it('Temporal is killed and comes back: same rows, each once', async () => {
    const { id, day, all } = await startHeld('SOL')
    const down = Date.now()
    await temporal.kill()
    gate.open()
    await waitUntil('the load to go on without Temporal', async () => {
      return (await bookRows(backtide.store, day)).length === all.length
    })
    const refused = await backtide.call('POST', '/backfills', requestOf('SOL', shared.nextDay()))
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    const outage = 3 * QUICK.retryMaximumInterval
    await waitUntil('three retry intervals', () => Date.now() - down > outage)
    temporal = await start.temporal(Number(temporal.address.split(':')[1]))
    await expectAll(id, day, all)
  })
})

describe('a suspended table', () => {
  it('is waited for, and nothing is complete before it is resumed', async () => {
    const { id, day, all } = await startHeld('BCH')
    await backtide.store.db.query({ text: 'ALTER TABLE l2_book_all SUSPEND WAL' })
    gate.open()
    await waitUntil('retries of the load', async () => (await attempts(day)) >= 3)
    const status = await backtide.status(id)
    expect(status).toMatchObject({ state: 'running', counts: {} })
    expect(status.warnings.join()).toContain('table l2_book_all is suspended')
    const metrics = await (await backtide.call('GET', '/metrics')).text()
    expect(metrics).toContain('backtide_table_suspended{table="l2_book_all"} 1')
    expect(await bookRows(backtide.store, day)).toEqual([])
    await backtide.store.db.query({ text: 'ALTER TABLE l2_book_all RESUME WAL' })
    await expectAll(id, day, all)
  })
})

/** Three hours of a coin and a backfill of them, held at its first object. */
async function startHeld(coin: string) {
  const day = shared.nextDay()
  const all = [0, 1, 2].flatMap((hour) => books({ coin, hour: hourOf(day, hour), count: 40 }))
  const archive = openArchive(s3)
  for (const hour of [0, 1, 2]) {
    await archive.putBooks(coin, hourOf(day, hour), all.slice(hour * 40, hour * 40 + 40))
  }
  gate.rule = ({ path }) => (path.includes(`/${coin}.lz4`) ? 'hold' : 'pass')
  const id = await backtide.start(requestOf(coin, day))
  await waitUntil('the load to be held', () => gate.held.length > 0)
  return { id, day, all }
}

function requestOf(coin: string, day: string) {
  const range = { from: `${day}T00:00:00Z`, to: `${day}T03:00:00Z` }
  return { dataset: 'hyperliquid.l2_book', coins: [coin], ...range }
}

async function expectAll(id: string, day: string, all: readonly Book[]): Promise<void> {
  const status = await waitUntil('the backfill to end', async () => {
    const answer = await backtide.call('GET', `/backfills/${id}`)
    if (!answer.ok) return undefined
    const now = (await answer.json()) as { state: string }
    return now.state !== 'running' && now
  })
  expect(status).toMatchObject({ state: 'complete', rows: all.length })
  expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
}

/** Attempts of the load of a day. */
async function attempts(day: string): Promise<number> {
  const { raw } = await backtide.client.workflow.getHandle(`load/l2_book/${day}`).describe()
  return raw.pendingActivities?.[0]?.attempt ?? 0
}
