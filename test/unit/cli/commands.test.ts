import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { backfill, COMPLETE, createFakeApi, type Sent } from './fake-api.ts'
import { runCli, serveApp } from './run-cli.ts'

const DAY = ['--from', '2025-01-01', '--to', '2025-01-02']
const BACKFILL = ['backfill', 'test.hourly', ...DAY]

const bodyOf = ({ body }: Sent) => body as { readonly from?: string; readonly to?: string }

describe('backtide backfill', () => {
  it('sends what was asked for and prints the id as data', async () => {
    const { app, sent } = createFakeApi()
    await using api = await serveApp(app)
    const options = ['--coins', 'BTC,ETH', '--coins', '@107', '--order', 'newest-first']
    const more = [
      '--reprocess',
      'all',
      '--on-failure',
      'abort',
      '--concurrency',
      '8',
      '--hours',
      '0-2,14',
    ]
    const key = ['--idempotency-key', 'k 1']
    const run = await runCli([...BACKFILL, ...options, ...more, ...key], { api: api.address })
    expect(sent).toEqual([
      {
        call: 'POST /backfills',
        body: {
          dataset: 'test.hourly',
          from: '2025-01-01',
          to: '2025-01-02',
          coins: ['BTC', 'ETH', '@107'],
          order: 'newest-first',
          reprocess: 'all',
          hours: [0, 1, 2, 14],
          onFailure: 'abort',
          concurrency: 8,
        },
        key: 'k 1',
      },
    ])
    expect(run).toMatchObject({ code: 0, stdout: 'test.1\n' })
    expect(run.stderr).toContain('backtide status test.1 --watch')
  })

  it('sends intervals, and shows them with the coins', async () => {
    const { app, sent } = createFakeApi([{ ...COMPLETE, intervals: ['1m', '5m'] }])
    await using api = await serveApp(app)
    const intervals = ['--intervals', '1m,5m', '--intervals', '1h', '--wait']
    const run = await runCli([...BACKFILL, '--coins', 'BTC', ...intervals], { api: api.address })
    expect(sent[0]?.body).toMatchObject({ coins: ['BTC'], intervals: ['1m', '5m', '1h'] })
    expect(run.stdout).toMatch(/coins +BTC\nintervals +1m, 5m\n/)
  })

  it('sends nothing that was not asked for, and the token of the environment', async () => {
    const { app, sent } = createFakeApi()
    await using api = await serveApp(app)
    await runCli(BACKFILL, { api: `${api.address}/`, env: { BACKTIDE_TOKEN: 'secret' } })
    expect(sent).toEqual([
      {
        call: 'POST /backfills',
        body: { dataset: 'test.hourly', from: '2025-01-01', to: '2025-01-02' },
        authorization: 'Bearer secret',
      },
    ])
  })

  it('of a dataset without a range is of the last 7 days, to the last hour or day that has ended', async () => {
    const { app, sent } = createFakeApi()
    await using api = await serveApp(app)
    const before = Date.now()
    await runCli(['backfill', 'test.hourly', '--coins', 'BTC', '--yes'], { api: api.address })
    await runCli(['backfill', 'test.daily', '--from', '2025-01-01'], { api: api.address })
    const [hourly, daily] = sent.filter(({ call }) => call.startsWith('POST')).map(bodyOf)
    const end = Date.parse(hourly?.to ?? '')
    expect(end % 3_600_000).toBe(0)
    expect(before - end).toBeLessThan(2 * 3_600_000)
    expect(end - Date.parse(hourly?.from ?? '')).toBe(7 * 86_400_000)
    expect(hourly).toMatchObject({ coins: ['BTC'], confirmed: true })
    expect(daily).toMatchObject({ dataset: 'test.daily', from: '2025-01-01' })
    expect(daily?.to).toMatch(/T00:00:00Z$/)
  })

  it('of several datasets waits for all, and ends with the worst of their exit codes', async () => {
    const gaps = backfill({ ...COMPLETE, id: 'other', dataset: 'test.other', state: 'incomplete' })
    const { app, sent } = createFakeApi([COMPLETE, gaps])
    await using api = await serveApp(app)
    const all = ['--dataset', 'test.hourly,test.other', '--idempotency-key', 'k']
    const run = await runCli(['backfill', ...all, ...DAY, '--wait'], { api: api.address })
    expect(run.code).toBe(3)
    expect(run.stdout).toMatch(
      /^DATASET +STATE .*\ntest.hourly +complete .*\ntest.other +incomplete/,
    )
    expect(sent.map(({ call, key }) => [call, key])).toEqual([
      ['POST /backfills', 'k.test.hourly'],
      ['POST /backfills', 'k.test.other'],
      ['GET /backfills/test.1/events', undefined],
      ['GET /backfills/test.1', undefined],
      ['GET /backfills/test.other/events', undefined],
      ['GET /backfills/test.other', undefined],
    ])
  })

  it('--json prints the answer of the API as one line', async () => {
    await using api = await serveApp(createFakeApi().app)
    const { stdout } = await runCli([...BACKFILL, '--json'], { api: api.address })
    expect(stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(stdout)).toEqual(backfill())
  })

  it('--wait follows it to its end with lines instead of a bar when piped', async () => {
    const half = backfill({ counts: { complete: 12 }, remaining: 12, rows: 1200 })
    const { app } = createFakeApi([half, COMPLETE])
    await using api = await serveApp(app)
    const run = await runCli([...BACKFILL, '--wait', '--json'], { api: api.address })
    expect(run.code).toBe(0)
    expect(JSON.parse(run.stdout)).toEqual(COMPLETE)
    expect(run.stderr.trim().split('\n')).toEqual([
      'backfill test.1',
      'running: 12/24 objects (50.0 %), 1,200 rows',
    ])
  })

  it.each([
    ['complete', 0],
    ['incomplete', 3],
    ['cancelled', 3],
    ['failed', 5],
    ['terminated', 5],
  ])('--wait ends with the state %s as exit code %i', async (state, code) => {
    await using api = await serveApp(createFakeApi([{ ...COMPLETE, state, reason: 'why' }]).app)
    const run = await runCli([...BACKFILL, '--wait'], { api: api.address })
    expect(run.code).toBe(code)
    expect(run.stdout).toMatch(new RegExp(`state +${state} \\(why\\)`))
  })

  it('Ctrl-C while waiting detaches, says how to re-attach and cancels nothing', async () => {
    const { app, sent } = createFakeApi([backfill()])
    await using api = await serveApp(app)
    const run = await runCli([...BACKFILL, '--wait', '--json'], {
      api: api.address,
      interruptAt: /objects/,
    })
    expect(run).toMatchObject({ code: 130, stdout: '' })
    expect(run.stderr).toContain('Re-attach with: backtide status test.1 --watch')
    expect(sent.filter(({ call }) => call.startsWith('POST'))).toHaveLength(1)
  })

  it('--wait shows the end once, where it prints how it ended', async () => {
    const half = backfill({ remaining: 12, rate: { objectsPerSecond: 8.431, rowsPerSecond: 9 } })
    await using api = await serveApp(createFakeApi([half, COMPLETE]).app)
    const run = await runCli([...BACKFILL, '--wait'], { api: api.address })
    expect(run.code).toBe(0)
    expect(run.stderr).toMatch(/^backfill test\.1\nrunning: 12\/24 objects .* 8\.4 objects\/s/)
    expect(run.stderr + run.stdout).toMatch(/complete: 24\/24/)
    expect((run.stderr + run.stdout).split('complete: 24/24')).toHaveLength(2)
  })

  it('--wait outlives an API that is away for a moment', async () => {
    const { app } = createFakeApi([COMPLETE])
    let asked = 0
    const flaky = new Hono()
    flaky.get('/backfills/:id', async (c, next) => {
      asked += 1
      if (asked === 1) return c.json(backfill())
      if (asked === 2) return c.json({ detail: 'Temporal is away.' }, 503)
      return await next()
    })
    flaky.route('/', app)
    await using api = await serveApp(flaky)
    const run = await runCli([...BACKFILL, '--wait', '--json'], { api: api.address })
    expect(run.code).toBe(0)
    expect(run.stderr).toContain('Temporal is away. (trying again)')
  })
})

describe('backtide status', () => {
  it('prints one backfill for people, its warnings beside it', async () => {
    const status = backfill({ warnings: ['no worker is running'] })
    await using api = await serveApp(createFakeApi([status]).app)
    const run = await runCli(['status', 'test.1'], { api: api.address })
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(/id +test\.1\n/)
    expect(run.stdout).toMatch(/range +2025-01-01T00:00:00Z → 2025-01-02T00:00:00Z/)
    expect(run.stderr).toBe('warning: no worker is running\n')
  })

  it('shows what is tried again, with the reason and when', async () => {
    const retry = { day: '2025-01-01', activity: 'loadPartitions', attempt: 11, error: 'no route' }
    const due = { ...retry, nextTryAt: '2026-11-21T12:00:20Z' }
    const status = backfill({ retrying: [due, { ...retry, attempt: 2, nextTryAt: null }] })
    await using api = await serveApp(createFakeApi([status]).app)
    const { stdout } = await runCli(['status', 'test.1'], { api: api.address })
    expect(stdout).toContain('2025-01-01: attempt 11 due 2026-11-21T12:00:20Z; no route\n')
    expect(stdout).toContain('2025-01-01: attempt 2 under way; no route\n')
    expect(stdout).toContain('0 rows, attempt 11 of 2025-01-01 and 1 more\n')
  })

  it('of one that loads all again tells its own progress from what was there', async () => {
    const there = { counts: { complete: 24 }, rows: 2400, own: { objects: 6, rows: 600 } }
    const status = backfill({ reprocess: 'all', remaining: 18, ...there })
    await using api = await serveApp(createFakeApi([status]).app)
    const { stdout } = await runCli(['status', 'test.1'], { api: api.address })
    expect(stdout).toContain('running: 6/24 objects (25.0 %), 600 rows\n')
    expect(stdout).toContain('24 complete; 6 of them by this backfill so far\n')
  })

  it('without an id lists them; --json is the body of the API', async () => {
    const { app, sent } = createFakeApi()
    await using api = await serveApp(app)
    const people = await runCli(['status'], { api: api.address })
    expect(people.stdout).toMatch(
      /^ID +STATE .*\ntest\.1 +complete +BTC +24 +2026-11-21 12:00 +24 complete/,
    )
    const { stdout } = await runCli(['status', '--json'], { api: api.address })
    expect(JSON.parse(stdout)).toEqual({ backfills: [COMPLETE], next: null, warnings: [] })
    expect(sent.map(({ call }) => call)).toEqual(['GET /backfills', 'GET /backfills'])
  })

  it('--watch ends with the exit code of the end', async () => {
    await using api = await serveApp(createFakeApi([{ ...COMPLETE, state: 'incomplete' }]).app)
    expect((await runCli(['status', 'test.1', '--watch'], { api: api.address })).code).toBe(3)
  })
})

describe('backtide pause, resume, cancel, retry', () => {
  it.each(['pause', 'resume', 'cancel', 'retry'])(
    '%s is passed on with its reason',
    async (verb) => {
      const { app, sent } = createFakeApi()
      await using api = await serveApp(app)
      const run = await runCli([verb, 'test.1', '--reason', 'why', '--json'], { api: api.address })
      expect(sent).toEqual([{ call: `POST /backfills/test.1/${verb}`, body: { reason: 'why' } }])
      expect(run.code).toBe(0)
      expect(JSON.parse(run.stdout)).toMatchObject({ id: 'test.1' })
    },
  )
})
