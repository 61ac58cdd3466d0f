import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { backfill, COMPLETE, createFakeApi } from './fake-api.ts'
import { runCli, serveApp } from './run-cli.ts'

const DATASET = {
  id: 'hyperliquid.l2_book',
  symbols: 'named',
  source: { kind: 's3', requesterPays: true },
}
const PROBED = {
  dataset: DATASET.id,
  coins: ['ATOM'],
  from: '2026-10-31T12:00:00Z',
  to: '2026-10-31T13:00:00Z',
  partition: '2026-10-31T12',
  object: 'market_data/ATOM.lz4',
  size: 2_000_000,
  usd: 0.0002,
}
const OBJECT = { state: 'complete', rows: 99, lines: 100 }

const ENDED = { ...COMPLETE, spent: { ...COMPLETE.spent, usd: 0.0002 } }

async function smoke(object: object, status: object = ENDED, ...more: readonly string[]) {
  const { app, sent } = createFakeApi([status])
  const api = new Hono()
  api.use(async (c, next) => {
    if (c.req.path === '/backfills' || c.req.path === '/probes') {
      sent.push({ call: c.req.path, body: await c.req.raw.clone().json() })
    }
    await next()
  })
  api.get('/datasets', (c) => c.json({ datasets: [DATASET] }))
  api.post('/probes', (c) => c.json(PROBED))
  api.post('/backfills', (c) => c.json(backfill(), 202))
  api.get('/backfills/:id/partitions', (c) => c.json({ partitions: [object], next: null }))
  api.route('/', app)
  await using server = await serveApp(api)
  const run = await runCli(['smoke', '--dataset', DATASET.id, ...more], { api: server.address })
  return { ...run, sent: sent.filter(({ body }) => body !== undefined) }
}

describe('backtide smoke', () => {
  it('loads one object of a small coin, and says that all of it was known', async () => {
    const { code, stdout, sent } = await smoke(OBJECT)
    expect(code).toBe(0)
    expect(sent[0]).toEqual({ call: '/probes', body: { dataset: DATASET.id, coin: 'ATOM' } })
    expect(sent.at(-1)?.body).toMatchObject({
      coins: ['ATOM'],
      from: PROBED.from,
      to: PROBED.to,
      reprocess: 'all',
    })
    expect(stdout).toMatch(/object +market_data\/ATOM\.lz4\nstate +complete\n/)
    expect(stdout).toMatch(/bytes +2\.0 MB, \$0\.0002\nrows +99 of 100 lines\nnot known +nothing/)
  })

  it('says what was not known, and ends with 3', async () => {
    const details = {
      rejected: { wrong_shape: 1 },
      warnings: { crossed: 1_200 },
      samples: ['{"new":1}'],
      unusual: 98,
    }
    const { code, stdout } = await smoke({
      ...OBJECT,
      state: 'degraded',
      reason: 'rejected',
      details,
    })
    expect(code).toBe(3)
    expect(stdout).toMatch(/not known +degraded: rejected\n/)
    expect(stdout).toMatch(/ +1 lines rejected: wrong_shape\n +1,200 times odd: crossed\n/)
    expect(stdout).toMatch(
      / +98 lines of another form: new fields, perhaps\n +such a line: {"new":1}/,
    )
  })

  it('loads nothing that would cost more than it may', async () => {
    const { code, stderr, sent } = await smoke(OBJECT, ENDED, '--max-usd', '0.0001')
    expect(code).toBe(2)
    expect(stderr).toContain('market_data/ATOM.lz4 is 2.0 MB, $0.0002: more than --max-usd')
    expect(sent.map(({ call }) => call)).toEqual(['/probes'])
  })

  it('--json is all of it as one line', async () => {
    const { stdout } = await smoke(OBJECT, ENDED, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      object: PROBED.object,
      bytes: 2_000_000,
      usd: 0.0002,
      state: 'complete',
      unknown: [],
      objects: [OBJECT],
    })
  })
})
