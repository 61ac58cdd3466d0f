import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { runCli, serveApp } from './run-cli.ts'

const DAY = ['--from', '2025-01-01', '--to', '2025-01-02']
const NOWHERE = 'http://127.0.0.1:1'

describe('A command line that is wrong', () => {
  it.each([
    ['no command', [], /Usage: backtide/],
    ['an unknown command', ['backfil'], /unknown command 'backfil'.*Did you mean backfill/],
    ['a missing option', ['reset', 'x', '--from', '2025-01-01'], /'--to <time>' not specified/],
    ['no range for a reset', ['reset', 'x'], /name one range/],
    ['two ranges', ['backfill', 'x', ...DAY, '--last', '24h'], /name one range/],
    ['no dataset', ['backfill', ...DAY], /missing required argument 'dataset'/],
    ['an unknown option', ['backfill', 'x', ...DAY, '--pair', 'BTC'], /unknown option '--pair'/],
    ['a word too many', ['backfill', 'x', 'ETH', ...DAY], /ETH is too much.*--dataset/],
    ['another exchange', ['backfill', 'a.b', '--exchange', 'x', ...DAY], /not of --exchange x/],
    ['no candles', ['backfill', '--exchange', 'x', '--intervals', '1m'], /those of hyperliquid/],
    ['a missing argument', ['pause'], /missing required argument 'id'/],
    ['a word that is no choice', ['backfill', 'x', ...DAY, '--order', 'up'], /oldest-first/],
    ['a number that is none', ['backfill', 'x', ...DAY, '--concurrency', 'all'], /whole number/],
    ['--watch without an id', ['status', '--watch'], /needs the id/],
  ])('with %s is exit code 2, told on stderr', async (_, args, message) => {
    const run = await runCli(args, { api: NOWHERE })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toMatch(message)
    if (args.length > 0) expect(run.stderr.trim()).not.toContain('\n')
  })

  it('with an address that is none is exit code 2', async () => {
    const run = await runCli(['status'], { api: 'not an address' })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toContain('BACKTIDE_API')
  })
})

describe('--help', () => {
  it.each([
    'up',
    'backfill',
    'status',
    'pause',
    'resume',
    'cancel',
    'retry',
    'coverage',
    'gaps',
    'repair',
    'reset',
    'sources',
    'doctor',
    'smoke',
    'instruments',
    'starlistings',
    'checkpoints',
    'datasets',
    'show',
    'stop',
  ])('of %s has examples', async (command) => {
    const run = await runCli([command, '--help'])
    expect(run.code).toBe(0)
    expect(run.stdout).toContain(`Examples:\n  backtide ${command}`)
  })
})

/** A field is called as the command calls it. */
const TOLD = 'backtide: --to: in the future. --on-failure: no such choice.\n'

describe('An API that refuses', () => {
  const problem = {
    status: 422,
    code: 'invalid_request',
    detail: '/to: in the future. /onFailure: no such choice.',
    errors: [
      { pointer: '/to', detail: 'in the future.' },
      { pointer: '/onFailure', detail: 'no such choice.' },
    ],
  }

  it.each([
    [401, 2],
    [422, 2],
    [500, 5],
    [503, 4],
  ])('with %i is exit code %i and one line', async (status, code) => {
    const app = new Hono().all('*', (c) => c.json({ ...problem, status }, status as 422))
    await using api = await serveApp(app)
    const run = await runCli(['backfill', 'x', ...DAY], { api: api.address })
    expect(run).toEqual({ code, stdout: '', stderr: TOLD })
  })

  it('is quoted as it is with --json', async () => {
    const app = new Hono().all('*', (c) => c.json(problem, 422))
    await using api = await serveApp(app)
    const run = await runCli(['backfill', 'x', ...DAY, '--json'], { api: api.address })
    expect(run.code).toBe(2)
    expect(JSON.parse(run.stdout)).toEqual(problem)
    expect(run.stderr).toBe(TOLD)
  })
})

describe('An API that is away', () => {
  it.each([['status'], ['status', 'x', '--watch'], ['backfill', 'x', ...DAY], ['pause', 'x']])(
    'is exit code 4 at once: %s',
    async (...args) => {
      const run = await runCli(args, { api: NOWHERE })
      expect(run).toMatchObject({ code: 4, stdout: '' })
      expect(run.stderr).toContain('cannot reach the API at http://127.0.0.1:1')
      expect(run.stderr).toContain('backtide up')
    },
  )

  it('was sent nothing, and says so of what would have changed something', async () => {
    const nothing = 'nothing was changed'
    expect((await runCli(['cancel', 'x'], { api: NOWHERE })).stderr).toContain(nothing)
    expect((await runCli(['status'], { api: NOWHERE })).stderr).not.toContain(nothing)
  })

  it('and broke off in the middle may still do what it was asked: exit code 4', async () => {
    const server = createServer((request) => request.socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const cancel = await runCli(['cancel', 'x'], { api: address })
    const status = await runCli(['status'], { api: address })
    server.close()
    expect(cancel.code).toBe(4)
    expect(cancel.stderr).toContain('may still take effect')
    expect(status.stderr).toBe(`backtide: the API at ${address} did not answer\n`)
  })

  it('and what is no Backtide API is exit code 5', async () => {
    const app = new Hono().all('*', (c) => c.html('<p>hello</p>'))
    await using api = await serveApp(app)
    const run = await runCli(['status'], { api: api.address })
    expect(run.code).toBe(5)
    expect(run.stderr).toContain('not a Backtide API')
  })
})
