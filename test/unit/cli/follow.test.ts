import type { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { createFakeApi } from './fake-api.ts'
import { runCli, serveApp } from './run-cli.ts'

const FOLLOW = {
  id: 'follow.test.hourly.1a2b3c4d',
  dataset: 'test.hourly',
  coins: ['BTC'],
  from: '2025-01-01T00:00:00Z',
  every: '1h',
  paused: false,
  nextAt: '2026-11-21T13:00:00Z',
  turns: 3,
  skipped: 1,
  lastTurn: {
    id: 'follow.test.hourly.1a2b3c4d-2026-11-21T12:00:00Z',
    at: '2026-11-21T12:00:00Z',
    endedAt: '2026-11-21T12:00:05Z',
    state: 'completed',
    parts: [{ why: 'newest', backfillId: 'x.newest', outcome: 'complete' }],
  },
  temporalUi: 'http://127.0.0.1:8233/schedules/x',
}

function withFollows() {
  const { app, sent } = createFakeApi()
  const routes: Hono = app
  routes.post('/follows', (c) => c.json(FOLLOW, 202))
  routes.get('/follows', (c) => c.json({ follows: [FOLLOW] }))
  routes.get('/follows/:id', (c) => c.json(FOLLOW))
  routes.post('/follows/:id/:verb', (c) => c.json(FOLLOW, 202))
  routes.delete('/follows/:id', (c) => c.json(FOLLOW))
  return { app, sent }
}

describe('backtide follow', () => {
  it('follows a dataset, and prints the id', async () => {
    const { app, sent } = withFollows()
    await using server = await serveApp(app)
    const args = ['--dataset', 'test.hourly', '--coins', 'BTC', '--every', '15m']
    const run = await runCli(['follow', ...args], { api: server.address })
    expect(run).toMatchObject({ code: 0, stdout: `${FOLLOW.id}\n` })
    expect(sent).toEqual([
      { call: 'POST /follows', body: { dataset: 'test.hourly', coins: ['BTC'], every: '15m' } },
    ])
  })

  it('lists what is followed, pauses, resumes and removes it', async () => {
    const { app, sent } = withFollows()
    await using server = await serveApp(app)
    const api = { api: server.address }
    const list = await runCli(['follow', 'list'], api)
    expect(list.stdout).toContain('newest complete')
    expect(list.stdout).toContain('2026-11-21 13:00')
    const json = await runCli(['follow', 'list', FOLLOW.id, '--json'], api)
    expect(JSON.parse(json.stdout)).toEqual(FOLLOW)
    const codes = [
      await runCli(['follow', 'pause', FOLLOW.id, '--reason', 'disk'], api),
      await runCli(['follow', 'resume', FOLLOW.id], api),
      await runCli(['follow', 'remove', FOLLOW.id], api),
    ].map(({ code }) => code)
    expect(codes).toEqual([0, 0, 0])
    expect(sent.slice(2)).toEqual([
      { call: `POST /follows/${FOLLOW.id}/pause`, body: { reason: 'disk' } },
      { call: `POST /follows/${FOLLOW.id}/resume`, body: {} },
      { call: `DELETE /follows/${FOLLOW.id}` },
    ])
  })

  it('says what is missing', async () => {
    expect(await runCli(['follow', '--coins', 'BTC'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--dataset'),
    })
  })
})

it('run backfills, follows from there, and Ctrl-C leaves the work going and says so', async () => {
  const { app, sent } = withFollows()
  await using server = await serveApp(app)
  const args = ['--dataset', 'test.hourly', '--coins', 'BTC', '--backfill-from', '2025-01-01']
  const run = await runCli(['run', ...args, '--backfill-to', '2025-01-02'], {
    api: server.address,
    interruptAt: /newest complete; next turn/,
  })
  expect(run).toMatchObject({ code: 130, stdout: `test.1\n${FOLLOW.id}\n` })
  expect(run.stderr).toMatch(/detached; .* is followed all the same/)
  expect(sent.slice(0, 2)).toEqual([
    {
      call: 'POST /backfills',
      body: {
        dataset: 'test.hourly',
        coins: ['BTC'],
        from: '2025-01-01',
        to: '2025-01-02',
        order: 'newest-first',
      },
    },
    {
      call: 'POST /follows',
      body: { dataset: 'test.hourly', coins: ['BTC'], from: '2025-01-01', after: 'test.1' },
    },
  ])
})
