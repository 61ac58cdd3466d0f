import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { runCli, serveApp } from './run-cli.ts'

const COUNTED = {
  table: 'market_data',
  state: 'done',
  days: 3,
  daysDone: 3,
  rows: 1200,
  duplicates: 7,
  objects: 3,
  keptAs: 'market_data_adopted',
  reason: null,
}

function fakeApi(change: object = {}) {
  const sent: object[] = []
  let looks = 0
  const app = new Hono()
  app.post('/adoptions', async (c) => {
    sent.push(await c.req.json<object>())
    return c.json({ ...COUNTED, state: 'running' }, 202)
  })
  app.get('/adoptions/:table', (c) => {
    looks += 1
    return c.json(looks % 2 === 1 ? { ...COUNTED, state: 'running' } : { ...COUNTED, ...change })
  })
  return { app, sent }
}

describe('backtide adopt', () => {
  it('--dry-run says what there is, and takes nothing over', async () => {
    const { app, sent } = fakeApi()
    await using api = await serveApp(app)
    const run = await runCli(['adopt', 'market_data', '--dry-run'], { api: api.address })
    const stdout = 'market_data: 1,200 rows of 3 days, 7 of them duplicates\n'
    expect(run).toEqual({ code: 0, stdout, stderr: '' })
    expect(sent).toEqual([{ table: 'market_data', dryRun: true }])
  })

  it('counts before it asks, and copies nothing without an answer: exit code 2', async () => {
    const { app, sent } = fakeApi()
    await using api = await serveApp(app)
    const run = await runCli(['adopt', 'market_data'], { api: api.address })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toContain('7 of them duplicates, which are left out')
    expect(run.stderr).toContain('add --yes')
    expect(sent).toEqual([{ table: 'market_data', dryRun: true }])
  })

  it('takes over with --yes, and --json is the answer of the API', async () => {
    const { app, sent } = fakeApi()
    await using api = await serveApp(app)
    const run = await runCli(['adopt', 'market_data', '--yes', '--json'], { api: api.address })
    expect(run.code).toBe(0)
    expect(JSON.parse(run.stdout)).toEqual(COUNTED)
    expect(run.stderr).toContain('the old table is market_data_adopted')
    expect(sent).toEqual([{ table: 'market_data', dryRun: false }])
  })

  it('says why it failed: exit code 5', async () => {
    const { app } = fakeApi({ state: 'failed', reason: 'somebody writes to it' })
    await using api = await serveApp(app)
    const run = await runCli(['adopt', 'market_data', '--yes'], { api: api.address })
    expect(run).toEqual({ code: 5, stdout: '', stderr: 'backtide: somebody writes to it\n' })
  })
})
