import type { KnownWorker } from '@backtide/store/workers/worker-record'
import { describe, expect, it } from 'vitest'
import { finish, openApi, REQUEST } from './open-api.ts'

describe('/health', () => {
  it('is 200 as long as the process lives', async () => {
    const api = openApi()
    api.store.away = true
    api.runs.away = true
    expect(await api.get('/health')).toMatchObject({ status: 200, body: { status: 'ok' } })
  })
})

describe('/ready', () => {
  it('is 200 when both dependencies answer, and counts the workers', async () => {
    expect(await openApi().get('/ready')).toMatchObject({
      status: 200,
      body: { ready: true, temporal: { up: true }, questdb: { up: true }, workers: 1 },
    })
  })

  it('is 200 without workers: they are for information', async () => {
    const api = openApi()
    api.runs.workers = { control: [], load: [] }
    expect(await api.get('/ready')).toMatchObject({
      status: 200,
      body: { workers: 0, warnings: [expect.stringContaining('no worker is running')] },
    })
  })

  it('is 503 and says which dependency is away', async () => {
    const api = openApi()
    api.store.away = true
    const answer = await api.get('/ready')
    expect(answer).toMatchObject({
      status: 503,
      body: { ready: false, temporal: { up: true }, questdb: { up: false } },
    })
    expect(answer.headers.get('retry-after')).toBe('5')
    Object.assign(api.store, { away: false })
    api.runs.away = true
    expect((await api.get('/ready')).body).toMatchObject({
      temporal: { up: false },
      questdb: { up: true },
      workers: null,
    })
  })
})

/** A worker that says how an archive answers it. */
function known(up: boolean, kind: 's3' | 'http'): KnownWorker {
  return {
    worker: 'worker-1',
    namespace: 'default',
    startedAt: 0,
    roles: ['control', 'load'],
    alive: true,
    sources: [{ name: 'archive', kind, up, ...(!up && { detail: 'getaddrinfo ENOTFOUND' }) }],
  }
}

describe('/ready, as the workers say', () => {
  it('is 503 while S3 answers none of them, with the cause', async () => {
    const api = openApi()
    api.store.workers = [known(false, 's3')]
    expect(await api.get('/ready')).toMatchObject({
      status: 503,
      body: {
        ready: false,
        questdb: { up: true },
        sources: [{ name: 'archive', up: false, detail: 'getaddrinfo ENOTFOUND' }],
      },
    })
    api.store.workers = [known(true, 's3')]
    expect((await api.get('/ready')).status).toBe(200)
  })

  it('is 200 while a file host is away, which is named', async () => {
    const api = openApi()
    api.store.workers = [known(false, 'http')]
    expect(await api.get('/ready')).toMatchObject({
      status: 200,
      body: { sources: [{ up: false }] },
    })
  })
})

describe('/metrics', () => {
  it('has workers, sources, and backfills by outcome', async () => {
    const api = openApi()
    const id = (await api.post('/backfills', REQUEST)).body.id
    await finish(api, id, 'incomplete')
    const { body } = await api.get('/metrics')
    expect(body).toContain('backtide_workers 1')
    expect(body).toContain(
      'backtide_backfills_ended_total{dataset="test.hourly",outcome="incomplete"} 1',
    )
    api.runs.away = true
    expect((await api.get('/metrics')).body).not.toMatch(/^backtide_workers/m)
  })

  it('counts requests by route and status, never by path', async () => {
    const api = openApi()
    await api.get('/backfills/one')
    await api.get('/backfills/two')
    await api.get('/made-up')
    const { body, headers } = await api.get('/metrics')
    expect(headers.get('content-type')).toContain('text/plain')
    expect(body).toContain(
      'backtide_http_request_duration_seconds_count{method="GET",route="/backfills/:id",status="404"} 2',
    )
    expect(body).toContain('route="unknown",status="404"} 1')
    expect(body).not.toMatch(/made-up|"one"|backfills\/(one|two)/)
  })

  it('says which dependency is up', async () => {
    const api = openApi()
    api.store.away = true
    const { body } = await api.get('/metrics')
    expect(body).toContain('backtide_dependency_up{dependency="temporal"} 1')
    expect(body).toContain('backtide_dependency_up{dependency="questdb"} 0')
  })
})
