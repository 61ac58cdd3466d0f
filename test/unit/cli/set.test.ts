import { expect, it } from 'vitest'
import { backfill, createFakeApi } from './fake-api.ts'
import { runCli, serveApp } from './run-cli.ts'

it('set changes what is named, and takes a limit away', async () => {
  const { app, sent } = createFakeApi()
  app.patch('/backfills/:id', (c) => c.json(backfill()))
  await using server = await serveApp(app)
  const change = ['--order', 'newest-first', '--priority', '4', '--max-failed-percent', 'none']
  const run = await runCli(['set', 'test.1', ...change], { api: server.address })
  expect(run).toEqual({ code: 0, stdout: 'test.1 changed\n', stderr: '' })
  expect(sent).toEqual([
    {
      call: 'PATCH /backfills/test.1',
      body: { order: 'newest-first', priority: 4, maxFailedPercent: null },
    },
  ])
})

it('set refuses what is no number before it asks anybody', async () => {
  const run = await runCli(['set', 'test.1', '--max-failed-days', 'many'])
  expect(run.code).toBe(2)
  expect(run.stderr).toContain('Expected a number')
})
