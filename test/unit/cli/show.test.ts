import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { openApi } from '../api/open-api.ts'
import { runCli, serveApp } from './run-cli.ts'

const SIDE = [
  [93_260, 93_256],
  [0.25, 3],
  [5, 4],
]

function rows(change: object = {}) {
  const book = { exchange: 'sample', symbol: 'BTC', bids: SIDE, asks: [[], [], []] }
  return {
    dataset: 'sample.l2_book',
    table: 'sample_l2_book',
    from: '2025-01-01T23:00:00Z',
    to: '2025-01-02T00:00:00Z',
    columns: { ts: 'TIMESTAMP', exchange: 'SYMBOL', symbol: 'SYMBOL', bids: 'X', asks: 'X' },
    rows: [
      { ts: '2025-01-01T23:59:44.000000Z', ...book },
      { ts: '2025-01-01T23:59:54.250000Z', ...book, symbol: 'ETH' },
    ],
    verified: true,
    objects: [{ partition: '2025-01-01T23', series: 'BTC', state: 'complete', rows: 2 }],
    warnings: [],
    ...change,
  }
}

async function show(body: object, ...args: string[]) {
  const asked: string[] = []
  const app = new Hono().get('/datasets/:id/rows', (c) => {
    const { pathname, search } = new URL(c.req.url)
    asked.push(decodeURIComponent(pathname + search))
    return c.json(body)
  })
  await using api = await serveApp(app)
  const run = await runCli(['show', 'sample.l2_book', ...args], { api: api.address })
  return { ...run, asked }
}

describe('backtide show', () => {
  it('is a table with books by their best price, and says whether it is verified', async () => {
    const { code, stdout, asked } = await show(rows(), '--coins', 'BTC,ETH', '--to', '2025-01-02')
    expect(code).toBe(0)
    expect(asked).toEqual(['/datasets/sample.l2_book/rows?last=10&coins=BTC,ETH&to=2025-01-02'])
    expect(stdout.split('\n')).toEqual([
      'ts                       symbol  bids              asks',
      '2025-01-01T23:59:44Z     BTC     93260 × 0.25 (2)  empty',
      '2025-01-01T23:59:54.25Z  ETH     93260 × 0.25 (2)  empty',
      '',
      'all: exchange sample',
      '2 rows of 1 object: all verified',
      '',
    ])
  })

  it('names the objects of rows that are not verified', async () => {
    const objects = [
      { partition: '2025-01-01T22', series: 'BTC', state: 'complete', rows: 1 },
      { partition: '2025-01-01T23', series: 'BTC', state: 'unverified', rows: 1 },
    ]
    const { stdout } = await show(rows({ verified: false, objects }))
    expect(stdout).toContain(
      '2 rows of 2 objects: not all verified: 2025-01-01T23 BTC is unverified\n',
    )
  })

  it('says where to look when there is nothing, and passes hints on', async () => {
    const none = { rows: [], from: null, to: null, verified: false, warnings: ['BTC?'] }
    const { code, stdout, stderr } = await show(rows(none))
    expect(code).toBe(0)
    expect(stdout).toMatch(/^no rows; backtide coverage sample\.l2_book/)
    expect(stderr).toBe('warning: BTC?\n')
  })

  it('--json is the body of the API as one line', async () => {
    const { stdout } = await show(rows(), '--json', '--last', '3')
    expect(JSON.parse(stdout)).toEqual(rows())
    expect(stdout.trim()).not.toContain('\n')
  })
})

describe('backtide datasets', () => {
  it('says of each what it is, what it costs, and what is loaded', async () => {
    const api = openApi()
    await using server = await serveApp(api.app)
    const { code, stdout } = await runCli(['datasets'], { api: server.address })
    expect(code).toBe(0)
    const [first, , , , last] = stdout.split('\n\n')
    expect(first?.split('\n')).toEqual([
      'test.hourly: A dataset of the tests',
      '  objects  an hour of one coin, since 2023-04-15',
      '  table    t',
      '  source   test-archive, requester pays: you pay AWS for what is read, about $0.09 a GB',
      '  loaded   nothing',
    ])
    expect(last).toContain('test-files, free to read')
  })

  it('is still a list while QuestDB is away', async () => {
    const api = openApi()
    api.store.away = true
    await using server = await serveApp(api.app)
    const { code, stdout, stderr } = await runCli(['datasets'], { api: server.address })
    expect([code, stderr]).toEqual([0, expect.stringContaining('QuestDB does not answer')])
    expect(stdout).toContain('loaded   not known now')
  })
})
