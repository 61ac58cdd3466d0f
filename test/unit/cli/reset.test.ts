import { createClient } from '@backtide/cli/client'
import { addReset } from '@backtide/cli/commands/reset'
import { Command } from 'commander'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { runCli, serveApp } from './run-cli.ts'

const ARGS = ['reset', 'test.hourly', '--from', '2025-01-01', '--to', '2025-01-02']
const BODY = {
  dataset: 'test.hourly',
  from: '2025-01-01',
  to: '2025-01-02',
  by: 'the command line',
}

describe('backtide reset', () => {
  it('forgets without asking with --yes, and passes on coins, intervals and reason', async () => {
    const { app, sent } = fakeApi()
    await using api = await serveApp(app)
    const names = ['--coins', 'BTC,ETH', '--intervals', '1m']
    const more = [...names, '--reason', 'dropped', '--yes']
    const run = await runCli([...ARGS, ...more], { api: api.address })
    expect(run).toEqual({ code: 0, stdout: '1,680 objects forgotten\n', stderr: '' })
    expect(sent).toEqual([{ ...BODY, coins: ['BTC', 'ETH'], intervals: ['1m'], reason: 'dropped' }])
  })

  it('forgets all there is with --days max, and nothing without a range', async () => {
    const { app, sent } = fakeApi()
    const begins = '2023-04-15T00:00:00Z'
    app.get('/datasets', (c) => c.json({ datasets: [{ id: 'test.hourly', begins }] }))
    await using api = await serveApp(app)
    const all = ['reset', 'test.hourly', '--days', 'max', '--yes']
    expect(await runCli(all, { api: api.address })).toMatchObject({ code: 0 })
    expect(sent).toMatchObject([{ from: begins, to: expect.stringMatching(/T00:00:00Z$/) }])
    const none = await runCli(['reset', 'test.hourly', '--yes'], { api: api.address })
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('name one range') })
  })

  it('--json is the body of the API as one line', async () => {
    await using api = await serveApp(fakeApi().app)
    const { stdout } = await runCli([...ARGS, '--yes', '--json'], { api: api.address })
    expect(JSON.parse(stdout)).toEqual({ reset: 1680, complete: 1500, objects: [], dryRun: false })
  })

  it('forgets nothing without a terminal and without --yes: exit code 2', async () => {
    const { app, sent } = fakeApi()
    await using api = await serveApp(app)
    const run = await runCli(ARGS, { api: api.address })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toContain('This forgets 1,680 objects (1,500 complete) of test.hourly')
    expect(run.stderr).toContain('add --yes')
    expect(sent).toEqual([{ ...BODY, dryRun: true }])
  })

  it('asks on a terminal, with the numbers, and takes nothing but yes', async () => {
    const { app, sent } = fakeApi()
    await using api = await serveApp(app)
    const no = await onTerminal(api.address, 'y')
    expect(no.error).toMatchObject({ exitCode: 2, message: 'not confirmed: nothing was forgotten' })
    expect(sent).toEqual([{ ...BODY, dryRun: true }])
    const yes = await onTerminal(api.address, 'yes')
    expect(yes.asked).toEqual([
      "This forgets 1,680 objects (1,500 complete) of test.hourly's table from 2025-01-01 to 2025-01-02: type yes ",
    ])
    expect(yes).toMatchObject({ code: 0, printed: ['1,680 objects forgotten'] })
    expect(sent.slice(1)).toEqual([{ ...BODY, dryRun: true }, BODY])
  })

  it('is refused with what is being loaded: exit code 2', async () => {
    const detail = 'load/t/2025-01-01 is running; pause its backfill'
    const app = new Hono().post('/ledger/reset', (c) => c.json({ detail }, 409))
    await using api = await serveApp(app)
    const run = await runCli([...ARGS, '--yes'], { api: api.address })
    expect(run).toEqual({ code: 2, stdout: '', stderr: `backtide: ${detail}\n` })
  })
})

/** Runs the command where somebody types an answer. */
async function onTerminal(address: string, typed: string) {
  const asked: string[] = []
  const printed: string[] = []
  let code: number | undefined
  let error: unknown
  const program = new Command().exitOverride()
  const context = {
    client: () => createClient({ url: address }),
    print: (text: string) => void printed.push(text),
    tell: () => {},
    ask: async (question: string) => {
      asked.push(question)
      return typed
    },
    readInput: async () => undefined,
    colors: false,
  }
  addReset(program, context, (ended) => {
    code = ended
  })
  await program.parseAsync(ARGS, { from: 'user' }).catch((thrown: unknown) => {
    error = thrown
  })
  return { asked, printed, code, error }
}

function fakeApi() {
  const sent: object[] = []
  const app = new Hono().post('/ledger/reset', async (c) => {
    const body = await c.req.json<{ dryRun?: boolean }>()
    sent.push(body)
    return c.json({ reset: 1680, complete: 1500, objects: [], dryRun: body.dryRun === true })
  })
  return { app, sent }
}
