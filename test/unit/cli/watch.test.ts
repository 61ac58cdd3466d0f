import { PassThrough } from 'node:stream'
import { createProgress } from '@backtide/cli/progress'
import { showWatch } from '@backtide/cli/show/watch'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { ledgerRow } from '../api/fake-ledger.ts'
import { finish, hour, openApi, REQUEST } from '../api/open-api.ts'
import { backfill, COMPLETE, createFakeApi } from './fake-api.ts'
import { runCli, serveApp } from './run-cli.ts'

const CANVAS = { colors: false, columns: 70, now: Date.UTC(2026, 10, 21, 12, 1) }

function shown(change: object) {
  return showWatch(backfill(change), CANVAS)
}

describe('backtide status --watch', () => {
  it('follows the events of the API to the end, without asking for the status', async () => {
    const api = openApi()
    const { id } = (await api.post('/backfills', REQUEST)).body
    const asked: string[] = []
    const app = new Hono()
    app.use(async (c, next) => {
      asked.push(c.req.path)
      await next()
    })
    app.route('/', api.app as unknown as Hono)
    await using server = await serveApp(app)
    const running = runCli(['status', id, '--watch'], { api: server.address })
    await expect.poll(() => asked.length, { timeout: 20_000 }).toBe(1)
    api.store.ledger.push(ledgerRow({ partition: hour(0), symbol: 'BTC', backfillId: id }))
    await finish(api, id, 'incomplete')
    const { code, stdout, stderr } = await running
    expect(code).toBe(3)
    expect(stdout).toMatch(/state +incomplete/)
    expect(stderr).toMatch(/^running: 0\/48 objects/)
    expect(asked).toEqual([`/backfills/${id}/events`])
  })

  it('says that QuestDB is away, and goes on when it is back', async () => {
    const api = openApi()
    const { id } = (await api.post('/backfills', REQUEST)).body
    await using server = await serveApp(api.app)
    const running = runCli(['status', id, '--watch'], { api: server.address, interruptAt: /again/ })
    await expect.poll(() => api.lines.length, { timeout: 20_000 }).toBeGreaterThan(2)
    api.store.away = true
    const { code, stderr } = await running
    expect(stderr).toContain('warning: QuestDB is away')
    expect(stderr).toContain('Re-attach with: backtide status')
    expect(code).toBe(130)
  })

  it('is refused at once with an id that is not known', async () => {
    await using server = await serveApp(openApi().app)
    const run = await runCli(['status', 'nobody', '--watch'], { api: server.address })
    expect(run).toMatchObject({ code: 2, stderr: 'backtide: There is no backfill "nobody".\n' })
  })

  it('asks for the status where something holds the events back', async () => {
    const { app: polled } = createFakeApi([COMPLETE])
    const app = new Hono()
    app.get('/backfills/:id/events', silent)
    app.route('/', polled)
    await using server = await serveApp(app)
    const run = await runCli(['status', 'test.1', '--watch'], { api: server.address })
    expect(run.code).toBe(0)
  })
})

function silent(): Response {
  return new Response(new ReadableStream(), { headers: { 'Content-Type': 'text/event-stream' } })
}

function retry(day: string, error: string) {
  const temporalUi = `http://ui/${day}`
  return { day, activity: 'loadPartitions', attempt: 3, error, nextTryAt: null, temporalUi }
}

describe('The picture of a backfill that runs', () => {
  it('has a bar by state, as long as its share', () => {
    const lines = shown({ counts: { complete: 12, missing: 1 }, remaining: 11 })
    expect(lines).toEqual([
      'running: 13/24 objects (54.2 %), 0 rows',
      `  complete        ${'█'.repeat(20)}${' '.repeat(20)} 12`,
      `  missing         ·${' '.repeat(39)} 1`,
      `  queued          ${'-'.repeat(18)}${' '.repeat(22)} 11`,
    ])
  })

  it('has bytes, what it cost, the rate and the time left', () => {
    const [line] = shown({
      remaining: 12,
      bytes: 4_321_000,
      spent: { usd: 0.389, gets: 1, lists: 0, bytes: 4_321_000, maxUsd: null },
      rate: { objectsPerSecond: 8.431, rowsPerSecond: 9 },
      etaSeconds: 200,
    })
    expect(line).toBe(
      'running: 12/24 objects (50.0 %), 0 rows, 4.3 MB, $0.3890, 8.4 objects/s, about 3 min 20 s left',
    )
  })

  it('has the oldest load with its step and its page in Temporal', () => {
    const load = { day: '2025-01-01', attempt: 2, temporalUi: 'http://ui/a' }
    const oldest = { partition: '2025-01-01T07', step: 'verifying', since: '2026-11-21T12:00:00Z' }
    const lines = shown({
      running: [
        { ...load, ...oldest },
        { ...load, day: '2025-01-02' },
      ],
    })
    expect(lines.slice(-2)).toEqual([
      '  at work: 2025-01-01T07 verifying, for 1 min 0 s, attempt 2 (the oldest of 2)',
      '    http://ui/a',
    ])
  })

  it('has what fails by its cause: the most frequent first, three at most', () => {
    const lines = shown({
      retrying: [
        retry('2025-01-01', 'Unknown: odd'),
        retry('2025-01-02', 'SourceUnavailable: a/20250102/1.lz4 cannot be fetched'),
        retry('2025-01-03', 'SourceUnavailable: a/20250103/7.lz4 cannot be fetched'),
        retry('2025-01-04', 'StoreUnavailable: away'),
        retry('2025-01-05', 'LeaseLost: gone'),
      ],
    })
    expect(lines.slice(-7)).toEqual([
      '  fails: 2025-01-02 and 1 more: SourceUnavailable: a/20250102/1.lz4 cannot be fetched',
      '    http://ui/2025-01-02',
      '  fails: 2025-01-01: Unknown: odd',
      '    http://ui/2025-01-01',
      '  fails: 2025-01-04: StoreUnavailable: away',
      '    http://ui/2025-01-04',
      '  and 1 more causes: backtide status ID has them',
    ])
  })

  it('is drawn over itself on a terminal, lines that wrap included, and leaves nothing behind', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 10 })
    const written = () => String(terminal.read() ?? '')
    const stream = terminal as unknown as NodeJS.WriteStream
    const progress = createProgress(stream, ({ id }) => [id, 'x'.repeat(25)])
    const one = backfill({ id: 'one' })
    progress.update(one)
    expect(written()).toBe(`one\n${'x'.repeat(25)}\n`)
    progress.tell('warning: slow')
    expect(written()).toBe(`\u001B[4A\r\u001B[Jwarning: slow\none\n${'x'.repeat(25)}\n`)
    progress.stop()
    expect(written()).toBe('\u001B[4A\r\u001B[J')
  })
})
