import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reservePort } from '@backtide/worker/core-metrics'
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
let place: Place
/** Where the worker answers for itself. */
let workerUrl: string
/** A backfill whose objects are held back. */
let id: string

beforeAll(async () => {
  questdb = await startQuestDb({ ...servers.programs.questdb, dataDir: folder })
  gate = await openGate(servers.s3.endpoint)
  const s3 = { ...servers.s3, endpoint: gate.url }
  place = { ...servers, questdb: questdb.clientConf, s3 }
  backtide = await openBacktide(place)
  worker = await startWorker()
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

async function startWorker(): Promise<WorkerProcess> {
  const port = await reservePort()
  workerUrl = `http://127.0.0.1:${port}`
  return await startWorkerProcess(place, {
    BACKTIDE_METRICS_PORT: String(port),
    BACKTIDE_LOG_LEVEL: 'info',
  })
}

/** Puts an hour that nothing was loaded of; returns its range. */
async function putHour() {
  const day = servers.nextDay()
  const hour = hourOf(day, 0)
  await archive.putBooks('BTC', hour, books({ coin: 'BTC', hour, count: 3 }))
  return { from: `${day}T00:00:00Z`, to: `${day}T01:00:00Z` }
}

/** What `/ready` of the API says. */
async function readiness() {
  const answer = await backtide.call('GET', '/ready')
  return { status: answer.status, body: (await answer.json()) as { readonly workers: number } }
}

const countWorkers = async () => (await readiness()).body.workers

const archiveIs = (up: boolean) =>
  expect.arrayContaining([expect.objectContaining({ name: 'hyperliquid-archive', up })])

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

  it('is in the log of the worker, with its message, and whose load it was', async () => {
    const failed = await waitUntil('a line of the log', () =>
      worker.log().find((line) => JSON.stringify(line).includes('SourceUnavailable')),
    )
    expect(failed).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: 'warn',
      backfillId: id,
      workflowId: `load/l2_book/${DAY}`,
      workflowRunId: expect.any(String),
      attempt: expect.any(Number),
      dataset: REQUEST.dataset,
      day: DAY,
      error: { message: expect.stringContaining('cannot be fetched now') },
    })
  })
})

describe('an S3 that is silent', () => {
  it('is named by worker and API, which are ready again when it answers', async () => {
    const { rule } = gate
    await waitUntil('both to be ready', async () => {
      const { status, body } = await readiness()
      expect(status).toBe(200)
      return body.workers === 1 && (await fetch(`${workerUrl}/ready`)).status === 200
    })
    gate.rule = () => 'hold'
    const down = await waitUntil('the worker to miss it', async () => {
      const answer = await fetch(`${workerUrl}/ready`)
      return answer.status === 503 && ((await answer.json()) as object)
    })
    expect(down).toMatchObject({ temporal: { up: true }, sources: archiveIs(false) })
    expect((await fetch(`${workerUrl}/health`)).status).toBe(200)
    const { body } = await waitUntil('the API to know', async () => {
      const now = await readiness()
      return now.status === 503 && now
    })
    expect(body).toMatchObject({ questdb: { up: true }, sources: archiveIs(false) })
    gate.open()
    gate.rule = rule
    await waitUntil('the API to be ready', async () => (await readiness()).status === 200)
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
      const { ms: took, text: found } = await timed('GET', '/doctor')
      expect(JSON.parse(found)).toMatchObject({ ok: false })
      expect(found).toContain('"check":"connection","state":"down"')
      expect(took).toBeLessThan(3 * SOON)
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

async function readMetrics(): Promise<string> {
  return await (await fetch(`${workerUrl}/metrics`)).text()
}

/** Value of a metric with its labels; 0 before it is first counted. */
function valueOf(text: string, metric: string): number {
  return Number(text.split(`\n${metric} `)[1]?.split('\n')[0] ?? 0)
}

describe('the metrics of a worker', () => {
  it('say what it loaded, beside what Temporal counts', async () => {
    // The load that was cancelled may have come to its end all the same.
    const before = await readMetrics()
    await backtide.ended(await backtide.start({ ...REQUEST, ...(await putHour()) }))
    const text = await readMetrics()
    const more = (metric: string) => valueOf(text, metric) - valueOf(before, metric)
    const dataset = 'dataset="hyperliquid.l2_book"'
    expect(more(`backtide_objects_total{${dataset},state="complete"}`)).toBe(1)
    expect(more(`backtide_rows_total{${dataset}}`)).toBe(3)
    expect(more(`backtide_verifications_total{${dataset},outcome="match"}`)).toBe(1)
    expect(more('backtide_fetched_bytes_total{source="hyperliquid-archive"}')).toBeGreaterThan(100)
    expect(more('backtide_written_bytes_total{table="l2_book_all"}')).toBeGreaterThan(100)
    for (const stage of ['fetch', 'decode', 'send', 'apply', 'verify']) {
      expect(text).toMatch(new RegExp(`\nbacktide_${stage}_duration_seconds_count{[^}]*} [1-9]`))
    }
    expect(text).toContain('cause="SourceUnavailable"')
    expect(text).toMatch(/^temporal_/m)
  })
})

describe('a worker that was killed', () => {
  it('is missed as soon as its heartbeats lapse, while it still counts as polling', async () => {
    const range = await putHour()
    gate.rule = ({ path }) => (path.includes('/BTC.lz4') ? 'hold' : 'pass')
    id = await backtide.start({ ...REQUEST, ...range })
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

  it('is missed as soon when it had nothing to do', async () => {
    worker = await startWorker()
    await waitUntil('the worker to be there', async () => (await countWorkers()) === 1)
    await worker.kill()
    const killed = performance.now()
    await waitUntil('the worker to be missed', async () => (await countWorkers()) === 0)
    expect(performance.now() - killed).toBeLessThan(16_000)
  })
})
