import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { runCli, serveApp } from './run-cli.ts'

const IDLE = {
  name: 'fills_1m',
  title: 'Fills by the minute',
  table: 'fills_1m',
  bases: ['hyperliquid.fills'],
  days: { made: 12, stale: 0, missing: 0 },
  newest: '2025-07-30',
  madeAt: null,
  open: [],
  work: 'idle',
}

/** An API whose derived thing is at each look the next of some, the last for ever. */
function fakeApi(...looks: readonly object[]) {
  const sent: unknown[] = []
  const left = [...looks]
  const app = new Hono()
  app.get('/derived', (c) => {
    const one = { ...IDLE, ...(left.length > 1 ? left.shift() : left[0]) }
    return c.json({ derived: [one], warnings: [] })
  })
  app.post('/derived/:name/rebuild', async (c) => {
    sent.push([c.req.param('name'), await c.req.json()])
    return c.json({ name: 'fills_1m', id: 'derive/fills_1m', temporalUi: 'http://t' }, 202)
  })
  return { app, sent }
}

describe('backtide derived', () => {
  it('lists what there is, with and without list', async () => {
    await using api = await serveApp(fakeApi({}).app)
    const run = await runCli(['derived'], { api: api.address })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toMatch(
      /^NAME +TABLE +MADE +STALE +MISSING +NEWEST +WORK +WHAT\nfills_1m .* 12 /,
    )
    expect(await runCli(['derived', 'list'], { api: api.address })).toEqual(run)
    const json = await runCli(['derived', '--json'], { api: api.address })
    expect(JSON.parse(json.stdout)).toMatchObject({ derived: [{ name: 'fills_1m' }] })
  })

  it('rebuild starts it and prints its id; with --wait it tells how far it is and how it ended', async () => {
    const { app, sent } = fakeApi({ work: 'running', days: { made: 1, stale: 2, missing: 0 } }, {})
    await using api = await serveApp(app)
    const args = ['derived', 'rebuild', 'fills_1m', '--from', '2025-07-27', '--to', '2025-07-30']
    const started = await runCli(args, { api: api.address })
    expect(started).toMatchObject({ code: 0, stdout: 'derive/fills_1m\n' })
    expect(sent).toEqual([['fills_1m', { from: '2025-07-27', to: '2025-07-30' }]])
    const waited = await runCli([...args, '--wait'], { api: api.address })
    expect(waited).toMatchObject({ code: 0, stderr: 'fills_1m: 1 days made, 2 to be made\n' })
    expect(waited.stdout).toContain('idle')
  })

  it('rebuild --wait ends with 3 where days are left, and with 5 where it failed', async () => {
    await using left = await serveApp(fakeApi({ days: { made: 1, stale: 1, missing: 0 } }).app)
    const args = ['derived', 'rebuild', 'fills_1m', '--wait', '--json']
    const some = await runCli(args, { api: left.address })
    expect(some).toMatchObject({ code: 3 })
    expect(JSON.parse(some.stdout)).toMatchObject({ days: { stale: 1 } })
    await using failed = await serveApp(fakeApi({ work: 'failed', reason: 'no such column' }).app)
    const run = await runCli(args, { api: failed.address })
    expect(run).toMatchObject({ code: 5, stderr: 'fills_1m failed: no such column\n' })
  })
})
