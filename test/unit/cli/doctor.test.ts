import { describe, expect, it } from 'vitest'
import { openApi } from '../api/open-api.ts'
import { runCli, serveApp } from './run-cli.ts'

describe('backtide doctor', () => {
  it('has a line for each thing it looked at, the remedy behind it, and ends with 0', async () => {
    const api = openApi()
    const detail = 'the worker has no AWS credentials'
    api.runs.found = [{ check: 'bucket b', state: 'warning', detail, fix: 'set AWS_PROFILE' }]
    await using server = await serveApp(api.app)
    const { code, stdout } = await runCli(['doctor'], { api: server.address })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^✓ {2}API +version +Backtide \d/)
    expect(stdout).toMatch(/\n✓ {2}Temporal +namespace +default keeps what has ended for 30 days\n/)
    expect(stdout).toMatch(
      /\n! {2}workers +bucket b +the worker has no AWS credentials → set AWS_PROFILE\n/,
    )
  })

  it('ends with 4 when something is down, also with --json', async () => {
    const api = openApi()
    api.store.away = true
    await using server = await serveApp(api.app)
    const { code, stdout } = await runCli(['doctor', '--json'], { api: server.address })
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false })
  })

  it('ends with 4 where there is no API, and says how to start it', async () => {
    const run = await runCli(['doctor'], { api: 'http://127.0.0.1:1' })
    expect(run).toMatchObject({ code: 4, stdout: '' })
    expect(run.stderr).toContain('backtide up')
  })
})
