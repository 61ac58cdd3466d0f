import { describe, expect, it } from 'vitest'
import { openApi } from '../api/open-api.ts'
import { runCli, serveApp } from './run-cli.ts'

describe('backtide sources', () => {
  it('is a table of what is where, and who uses it', async () => {
    await using api = await serveApp(openApi().app)
    const { code, stdout } = await runCli(['sources'], { api: api.address })
    expect(code).toBe(0)
    const [head, archive, files] = stdout.split('\n')
    expect(head).toMatch(/^NAME +WHERE +DATASETS$/)
    expect(archive).toMatch(/^test-archive +s3:\/\/b \(us-east-1, requester pays\) +test\.hourly, /)
    expect(files).toMatch(/^test-files +https:\/\/files\.test\/ +test\.halves$/)
  })

  it('--json is the body of the API as one line', async () => {
    const api = openApi()
    await using server = await serveApp(api.app)
    const { stdout } = await runCli(['sources', '--json'], { api: server.address })
    expect(JSON.parse(stdout)).toEqual((await api.get('/sources')).body)
    expect(stdout.trim()).not.toContain('\n')
  })
})
