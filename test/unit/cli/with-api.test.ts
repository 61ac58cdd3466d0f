import { describe, expect, it } from 'vitest'
import { ledgerRow } from '../api/fake-ledger.ts'
import { finish, hour, openApi, REQUEST } from '../api/open-api.ts'
import { runCli, serveApp } from './run-cli.ts'

const RANGE = ['--from', REQUEST.from, '--to', REQUEST.to]

describe('The CLI and the API of one version', () => {
  it('understand each other from the start of a backfill to its retry', async () => {
    const api = openApi()
    await using server = await serveApp(api.app)
    const cli = (...args: string[]) => runCli(args, { api: server.address })

    const started = await cli('backfill', 'test.hourly', '--coins', 'BTC,ETH', ...RANGE)
    const id = started.stdout.trim()
    expect(api.runs.started.map((input) => input.backfillId)).toEqual([id])
    expect((await cli('status', id)).stdout).toContain('running: 0/48 objects (0.0 %), 0 rows')
    expect((await cli('retry', id)).code).toBe(2)

    expect(await cli('pause', id)).toMatchObject({ code: 0, stdout: `${id} pause accepted\n` })
    await finish(api, id, 'incomplete')
    expect((await cli('status', id, '--watch')).code).toBe(3)
    expect((await cli('status')).stdout).toContain('40 complete, 8 failed')

    const retried = await cli('retry', id, '--json')
    expect(JSON.parse(retried.stdout)).toMatchObject({ retryOf: id, state: 'running' })
    const refused = await cli('backfill', 'test.none', ...RANGE)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(
      /^backtide: dataset: "test\.none" is not a dataset; known are .*\n$/,
    )
  })

  it('draw the coverage of one coin', async () => {
    const api = openApi()
    api.store.ledger.push(ledgerRow({ partition: hour(5), symbol: 'BTC' }))
    await using server = await serveApp(api.app)
    const args = ['coverage', 'test.hourly', '--coins', 'BTC', ...RANGE]
    const { stdout } = await runCli(args, { api: server.address })
    expect(stdout).toContain(`2025-01-01  -----█${'-'.repeat(18)}\n`)
    expect(stdout).toContain('24 objects: 1 complete, 23 unknown; 10 rows')
  })
})
