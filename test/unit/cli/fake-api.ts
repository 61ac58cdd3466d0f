import { Hono } from 'hono'

/** What the CLI sent: method, path with query, body and the headers that matter. */
export interface Sent {
  readonly call: string
  readonly body?: unknown
  readonly key?: string
  readonly authorization?: string
}

/** A status as the API gives it: running, nothing done, unless told otherwise. */
export function backfill(change: object = {}) {
  return {
    id: 'test.1',
    dataset: 'test.hourly',
    coins: ['BTC'],
    from: '2025-01-01T00:00:00Z',
    to: '2025-01-02T00:00:00Z',
    order: 'oldest-first',
    reprocess: 'incomplete',
    onFailure: 'continue',
    concurrency: 4,
    state: 'running',
    total: 24,
    counts: {},
    remaining: 24,
    rows: 0,
    bytes: 0,
    own: { objects: 0, rows: 0 },
    spent: { usd: 0, gets: 0, lists: 0, bytes: 0, maxUsd: null },
    rate: null,
    etaSeconds: null,
    createdAt: '2026-11-21T12:00:00Z',
    endedAt: null,
    seconds: 1,
    workers: 1,
    running: [],
    retrying: [],
    warnings: [],
    temporalUi: 'http://127.0.0.1:8233/x',
    ...change,
  }
}

export const COMPLETE = backfill({
  state: 'complete',
  endedAt: '2026-11-21T12:01:00Z',
  counts: { complete: 24 },
  remaining: 0,
  rows: 2400,
})

const BUDGET = {
  month: '2026-11',
  spent: { usd: 1.25, gets: 100, lists: 2, bytes: 1_000_000 },
  limitUsd: 10,
  remainingUsd: 8.75,
  confirmUsd: 5,
  pricesOf: '2026-11',
  sources: [{ source: 'archive', usd: 1.25, gets: 100, lists: 2, bytes: 1_000_000 }],
  backfills: [{ id: 'test.1', usd: 1.25, gets: 100, lists: 2, bytes: 1_000_000 }],
}

/** An API that answers each status request with the next of `statuses`, the last for ever. */
export function createFakeApi(statuses: readonly object[] = [COMPLETE]) {
  const sent: Sent[] = []
  const left = [...statuses]
  const app = new Hono()
  app.use(async (c, next) => {
    const url = new URL(c.req.url)
    const text = await c.req.raw.clone().text()
    const key = c.req.header('idempotency-key')
    const authorization = c.req.header('authorization')
    sent.push({
      call: `${c.req.method} ${url.pathname}${decodeURIComponent(url.search)}`,
      ...(text && { body: JSON.parse(text) as unknown }),
      ...(key && { key }),
      ...(authorization && { authorization }),
    })
    await next()
  })
  app.get('/datasets', (c) => c.json({ datasets: [{ id: 'test.hourly', granularity: 'hour' }] }))
  app.post('/backfills', async (c) => {
    const { dataset = 'test.hourly' } = await c.req.json<{ dataset?: string }>()
    return c.json(backfill(dataset === 'test.hourly' ? {} : { id: dataset, dataset }), 202)
  })
  app.get('/backfills', (c) => c.json({ backfills: [COMPLETE], next: null, warnings: [] }))
  app.get('/backfills/:id', (c) => c.json(left.length > 1 ? left.shift() : left[0]))
  app.get('/budget', (c) => c.json(BUDGET))
  app.post('/backfills/:id/:verb', (c) => c.json(backfill({ id: 'test.1' }), 202))
  return { app, sent }
}
