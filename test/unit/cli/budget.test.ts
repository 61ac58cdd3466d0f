import { afterAll, beforeAll, expect, it } from 'vitest'
import { backfill, createFakeApi } from './fake-api.ts'
import { runCli, serveApp } from './run-cli.ts'

const spent = { usd: 1.25, gets: 100, lists: 2, bytes: 1_000_000, maxUsd: 2 }
const { app, sent } = createFakeApi([backfill({ spent })])
let api: Awaited<ReturnType<typeof serveApp>>
beforeAll(async () => {
  api = await serveApp(app)
})
afterAll(() => api[Symbol.asyncDispose]())

it('backtide budget says what was spent, by whom, and what is left', async () => {
  const { code, stdout } = await runCli(['budget'], { api: api.address })
  expect(code).toBe(0)
  expect(stdout).toContain('2026-11')
  expect(stdout).toMatch(/\$1\.25 of \$10\.00\s+\$8\.75 left/)
  expect(stdout).toMatch(/test\.1\s+\$1\.25\s+1\.0 MB\s+100 gets, 2 lists/)
})

it('backtide budget raise changes what a backfill may cost, and refuses what is no sum', async () => {
  const raised = await runCli(['budget', 'raise', 'test.1', '2.50'], { api: api.address })
  expect(raised).toMatchObject({ code: 0 })
  expect(raised.stdout).toContain('test.1 may cost $2.50')
  expect(sent.at(-1)).toEqual({ call: 'POST /backfills/test.1/budget', body: { maxCostUsd: 2.5 } })
  expect(await runCli(['budget', 'raise', 'test.1', 'much'], { api: api.address })).toMatchObject({
    code: 2,
  })
})

it('A status shows dollars, and a backfill may be given a limit', async () => {
  const { stdout } = await runCli(['status', 'test.1'], { api: api.address })
  expect(stdout).toMatch(/cost\s+\$1\.25 of \$2\.00/)
  const range = ['--from', '2025-01-01', '--to', '2025-01-02']
  await runCli(['backfill', 'test.hourly', '--coins', 'BTC', ...range, '--max-cost-usd', '2'], {
    api: api.address,
  })
  const [posted] = sent.filter(({ call }) => call === 'POST /backfills')
  expect(posted?.body).toMatchObject({ maxCostUsd: 2 })
})
