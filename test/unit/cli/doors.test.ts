import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterAll, describe, expect, it } from 'vitest'
import { createFakeApi, type Sent } from './fake-api.ts'
import { runCli, serveApp } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'starlistings-'))
afterAll(() => rmSync(folder, { recursive: true }))

const entry = (exchange: string, coin: string, quote: string, more = '') =>
  `  - { exchange: ${exchange}, coin: ${coin}, quote: ${quote}, ${more} }\n`
const FILE = join(folder, 'mine.yaml')
writeFileSync(
  FILE,
  `starlistings:
${entry('hyperliquid', 'BTC', 'USD', 'market_type: perps, intervals: [1m, 1d]')}${entry(
    'hyperliquid',
    'SOL',
    'USD',
    'market_type: perps, intervals: [1m, 1d], days: 30',
  )}${entry('binance', 'ETH', 'USDT', 'market_type: spot, intervals: [1h]')}`,
)

const DAY_MS = 86_400_000
const dayOf = (text: string) => text.slice(0, 10)
const bodiesOf = (sent: readonly Sent[]) =>
  sent.filter(({ call }) => call === 'POST /backfills').map(({ body }) => body)

/** What a command line comes to. */
async function bodies(...args: string[]) {
  const { app, sent } = createFakeApi()
  await using api = await serveApp(app)
  const run = await runCli(args, { api: api.address })
  expect(run).toMatchObject({ code: 0 })
  return bodiesOf(sent)
}

describe('Options of other systems', () => {
  it("are the indexer's --start and --end", async () => {
    const range = ['--start', '2025-08-01T00:00:00Z', '--end=2025-08-02T00:00:00Z']
    expect(await bodies('backfill', 'hyperliquid.fills', ...range)).toEqual([
      { dataset: 'hyperliquid.fills', from: '2025-08-01T00:00:00Z', to: '2025-08-02T00:00:00Z' },
    ])
  })

  it("are btc-trading's --coin, --days and --intervals, of Hyperliquid's candles", async () => {
    const coin = ['backfill', '--coin', 'BTC']
    const [body] = await bodies(...coin, '--days', '30', '--intervals', '1m', '5m', '1h')
    const { from, to, ...rest } = body as { readonly from: string; readonly to: string }
    const asked = { dataset: 'hyperliquid.candles', coins: ['BTC'], intervals: ['1m', '5m', '1h'] }
    expect(rest).toEqual(asked)
    expect(Date.parse(to) - Date.parse(from)).toBe(30 * DAY_MS)
    const [max] = await bodies(...coin, '--days', 'max', '--intervals', '1m 1h 1d')
    expect(max).toMatchObject({ ...asked, intervals: ['1m', '1h', '1d'] })
  })

  it("are Kirby's --all, for every coin, and --days=N", async () => {
    const [body] = await bodies('backfill', 'hyperliquid.funding', '--all', '--days=30')
    expect(body).toEqual({
      dataset: 'hyperliquid.funding',
      coins: ['*'],
      from: expect.any(String),
      to: expect.any(String),
    })
  })

  it("are Kirby's --exchange and --coin, which choose of its starlistings", async () => {
    const file = ['backfill', '--starlistings', FILE, '--days', '180']
    const candles = { dataset: 'hyperliquid.candles', intervals: ['1m', '1d'] }
    const klines = { dataset: 'binance.klines', coins: ['ETHUSDT'], intervals: ['1h'] }
    expect(await bodies(...file, '--exchange', 'hyperliquid')).toMatchObject([
      { ...candles, coins: ['BTC', 'SOL'] },
    ])
    expect(await bodies(...file, '--coin', 'SOL')).toMatchObject([{ ...candles, coins: ['SOL'] }])
    expect(await bodies(...file, '--coin', 'ETH')).toMatchObject([klines])
    const none = await runCli([...file, '--coin', 'DOGE'], { api: 'http://127.0.0.1:9' })
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('is of DOGE') })
  })

  it('are not in the help', async () => {
    const { stdout } = await runCli(['backfill', '--help'])
    expect(stdout).not.toMatch(/--start|--end|--coin |--all|--exchange/)
  })
})

const LOADED = {
  counts: { complete: 40, failed: 8 },
  rows: 4_000,
  bytes: 10,
  from: '2025-01-01T00:00:00Z',
  to: '2025-01-03T00:00:00Z',
}

describe('backtide checkpoints', () => {
  const datasets = [
    { id: 'test.some', loaded: LOADED },
    { id: 'test.none', loaded: { counts: {} } },
  ]
  const app = new Hono().get('/datasets', (c) => c.json({ datasets, warnings: [] }))

  it('shows how far each dataset is', async () => {
    await using api = await serveApp(app)
    const shown = await runCli(['checkpoints'], { api: api.address })
    expect(shown.stdout).toMatch(
      /^DATASET .*\ntest\.some +2025-01-01T00:00:00Z +2025-01-03T00:00:00Z +4,000 +40 complete, 8 failed\n$/,
    )
    const none = await runCli(['checkpoints', 'test.none'], { api: api.address })
    expect(none.stdout).toBe('nothing is loaded\n')
    const json = await runCli(['checkpoints', '--json'], { api: api.address })
    expect(JSON.parse(json.stdout)).toEqual({ dataset: 'test.some', ...LOADED })
    const unknown = await runCli(['checkpoints', 'test.x'], { api: api.address })
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('not a dataset') })
  })
})

describe('backtide starlistings sync', () => {
  const datasets = [
    { id: 'hyperliquid.candles', granularity: 'day', symbols: 'named', begins: '2020-08-19' },
    { id: 'hyperliquid.funding', granularity: 'day', symbols: 'named', begins: '2023-05-12' },
    { id: 'hyperliquid.open_interest', granularity: 'day', symbols: 'all', begins: '2023-05-20' },
    { id: 'binance.klines', granularity: 'day', symbols: 'named', begins: '2017-08-17' },
  ]
  const instruments = [{ exchange: 'hyperliquid', symbol: 'BTC', listed: '2023-02-26' }]
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const before = (days: number) => dayOf(new Date(today - days * DAY_MS).toISOString())

  function openSync() {
    const { app, sent } = createFakeApi()
    const known = new Hono()
      .get('/datasets', (c) => c.json({ datasets }))
      .get('/instruments', (c) => c.json({ instruments, warnings: [] }))
      .mount('/', app.fetch)
    return { app: known, sent }
  }

  const BTC = { coins: ['BTC'] }
  const SOL = { coins: ['SOL'] }
  const intervals = ['1m', '1d']
  const EXPECTED = [
    { dataset: 'hyperliquid.candles', ...BTC, intervals, from: '2023-02-26' },
    { dataset: 'binance.klines', coins: ['ETHUSDT'], intervals: ['1h'], from: '2017-08-17' },
    { dataset: 'hyperliquid.funding', ...BTC, from: '2023-05-12' },
    { dataset: 'hyperliquid.open_interest', from: '2023-05-20' },
    { dataset: 'hyperliquid.candles', ...SOL, intervals, from: before(30) },
    { dataset: 'hyperliquid.funding', ...SOL, from: before(30) },
    { dataset: 'hyperliquid.open_interest', from: before(30) },
  ].map(({ from, ...rest }) => ({
    ...rest,
    from: `${from}T00:00:00Z`,
    to: `${before(0)}T00:00:00Z`,
  }))

  it('starts a backfill for what there is of the coins, from their listing or as far back as they say', async () => {
    const { app, sent } = openSync()
    await using api = await serveApp(app)
    const run = await runCli(['starlistings', 'sync', '--file', FILE], { api: api.address })
    expect(run.code).toBe(0)
    expect(run.stdout.trim().split('\n')).toHaveLength(EXPECTED.length)
    expect(bodiesOf(sent)).toEqual(EXPECTED.map((one) => ({ ...one, reprocess: 'repairable' })))
  })

  it('starts none with --dry-run, and shows them', async () => {
    const { app, sent } = openSync()
    await using api = await serveApp(app)
    const dry = ['starlistings', 'sync', '--file', FILE, '--dry-run']
    const shown = await runCli(dry, { api: api.address })
    expect(shown.stdout).toMatch(/^DATASET .*\nhyperliquid\.candles +BTC +1m,1d +2023-02-26 /)
    expect(shown.stdout).toMatch(/hyperliquid\.open_interest +all +2023-05-20 /)
    const json = await runCli([...dry, '--json'], { api: api.address })
    const { backfills } = JSON.parse(json.stdout) as { readonly backfills: readonly object[] }
    expect(backfills).toMatchObject(EXPECTED)
    expect(backfills[4]).toMatchObject({ objects: 60 })
    expect(bodiesOf(sent)).toEqual([])
  })

  it('waits for all with --wait', async () => {
    const { app } = openSync()
    await using api = await serveApp(app)
    const args = ['starlistings', 'sync', '--file', FILE, '--wait']
    const run = await runCli(args, { api: api.address })
    expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/^DATASET +STATE/) })
  })

  it('says with line and column what is wrong in the file: exit code 2', async () => {
    const wrong = join(folder, 'wrong.yaml')
    writeFileSync(
      wrong,
      `starlistings:\n${entry('hyperliquid', 'BTC', 'USD', 'market_type: perps, intervals: [7m]')}`,
    )
    const args = ['starlistings', 'sync', '--file', wrong]
    const run = await runCli(args, { api: 'http://127.0.0.1:9' })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toMatch(/wrong\.yaml:2:\d+: "7m" is no interval of hyperliquid\.candles/)
  })
})
