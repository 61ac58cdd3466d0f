import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startQuestDb, type QuestDbServer } from '@backtide/stack/servers/questdb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, type Backtide, type Place } from '../helpers/backtide.ts'
import { books } from '../helpers/books.ts'
import { openGate, type Gate } from '../helpers/gate.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { startWorkerProcess, type WorkerProcess } from '../helpers/worker-process.ts'

/** A QuestDB of this file alone, so that it can be frozen. */
const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const folder = mkdtempSync(join(tmpdir(), 'backtide-night-'))
const DAY = servers.nextDay()
const REQUEST = {
  dataset: 'hyperliquid.l2_book',
  coins: ['BTC'],
  from: `${DAY}T00:00:00Z`,
  to: `${DAY}T03:00:00Z`,
}
const RANGE = `dataset=${REQUEST.dataset}&coins=BTC&from=${REQUEST.from}&to=${REQUEST.to}`

/** Longest that somebody is kept waiting, milliseconds. */
const SOON = 6_000

let questdb: QuestDbServer
let gate: Gate
let backtide: Backtide
let worker: WorkerProcess
/** A backfill whose objects are held back. */
let id: string

beforeAll(async () => {
  questdb = await startQuestDb({ ...servers.programs.questdb, dataDir: folder })
  gate = await openGate(servers.s3.endpoint)
  const s3 = { ...servers.s3, endpoint: gate.url }
  const place: Place = { ...servers, questdb: questdb.clientConf, s3 }
  backtide = await openBacktide(place)
  worker = await startWorkerProcess(place)
  const hour = hourOf(DAY, 0)
  await archive.putBooks('BTC', hour, books({ coin: 'BTC', hour, count: 3 }))
  gate.rule = ({ path }) => (path.includes('/BTC.lz4') ? { answer: 503 } : 'pass')
  id = await backtide.start(REQUEST)
})

afterAll(async () => {
  gate.open()
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
  await gate[Symbol.asyncDispose]()
  await questdb.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Retry {
  readonly day: string
  readonly attempt: number
  readonly error: string
}

async function retrying(): Promise<readonly Retry[]> {
  const { retrying: all } = (await backtide.status(id)) as unknown as { retrying: Retry[] }
  return all
}

/** Sends a signal to QuestDB and whatever it started. */
function signalQuestDb(signal: NodeJS.Signals): void {
  process.kill(-(questdb.process.pid ?? 0), signal)
}

async function timed(method: string, path: string, body?: object) {
  const started = performance.now()
  const response = await backtide.call(method, path, body)
  const text = await response.text()
  return { status: response.status, ms: performance.now() - started, text }
}

describe('a source that does not answer', () => {
  it('is named in the status, with the attempt and when it is asked next', async () => {
    const [retry] = await waitUntil('two attempts', async () => {
      const all = await retrying()
      return all.some(({ attempt }) => attempt > 1) && all
    })
    expect(retry).toMatchObject({ day: DAY, error: expect.stringContaining('SourceUnavailable') })
    const { warnings } = await backtide.status(id)
    expect(warnings).toEqual([expect.stringContaining('a load fails and is tried again')])
  })
})

describe('a frozen QuestDB', () => {
  it('is named in time by whatever needs it, and steering goes on without it', async () => {
    signalQuestDb('SIGSTOP')
    try {
      const reset = { ...REQUEST, dryRun: true }
      const asked: readonly [string, string, object?][] = [
        ['GET', `/backfills/${id}`],
        ['GET', `/backfills/${id}/partitions`],
        ['GET', '/backfills'],
        ['GET', `/coverage?${RANGE}`],
        ['GET', '/ready'],
        ['POST', '/ledger/reset', reset],
      ]
      for (const [method, path, body] of asked) {
        const { status, ms, text } = await timed(method, path, body)
        expect({ path, status, soon: ms < SOON }).toEqual({ path, status: 503, soon: true })
        expect(text).toContain('QuestDB')
      }
      for (const verb of ['pause', 'resume', 'pause', 'cancel']) {
        const { status, ms } = await timed('POST', `/backfills/${id}/${verb}`, { by: 'ann' })
        expect({ verb, status, soon: ms < SOON }).toEqual({ verb, status: 202, soon: true })
      }
    } finally {
      signalQuestDb('SIGCONT')
    }
    gate.open()
    expect(await backtide.ended(id)).toMatchObject({ state: 'cancelled' })
  })
})

describe('a worker that was killed', () => {
  it('is missed as soon as its heartbeats lapse, while it still counts as polling', async () => {
    gate.rule = ({ path }) => (path.includes('/BTC.lz4') ? 'hold' : 'pass')
    id = await backtide.start(REQUEST)
    await waitUntil('the load to be at work', () => gate.held.length > 0)
    expect((await backtide.status(id)).warnings).toEqual([])
    await worker.kill()
    const killed = performance.now()
    const { workers } = await waitUntil('the worker to be missed', async () => {
      const status = await backtide.status(id)
      return status.warnings.some((text) => text.startsWith('no worker is running')) && status
    })
    expect(workers).toBe(0)
    // Heartbeats of 3 s, and 15 s more.
    expect(performance.now() - killed).toBeLessThan(20_000)
  })
})
