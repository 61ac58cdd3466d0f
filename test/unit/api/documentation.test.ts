import { describe, expect, it } from 'vitest'
import { openApi } from './open-api.ts'

/** Pages for people and files for them; the document describes the interface for programs. */
const UNDOCUMENTED = /^(\/|\/docs.*|\/openapi\.json)$/

describe('The OpenAPI document', () => {
  it('is 3.1 and has every route, each with a summary and its problems', async () => {
    const api = openApi()
    const { body: document } = await api.get('/openapi.json')
    expect(document.openapi).toBe('3.1.0')
    const served = api.app.routes
      .filter((route) => route.method !== 'ALL' && !UNDOCUMENTED.test(route.path))
      .map((route) => `${route.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`)
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item as object).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(new Set(described)).toEqual(new Set(served))
    expect(new Set(described)).toEqual(
      new Set([
        'POST /backfills',
        'GET /backfills',
        'GET /backfills/{id}',
        'PATCH /backfills/{id}',
        'GET /backfills/{id}/partitions',
        'GET /backfills/{id}/events',
        'POST /backfills/{id}/pause',
        'POST /backfills/{id}/resume',
        'POST /backfills/{id}/cancel',
        'POST /backfills/{id}/retry',
        'POST /backfills/{id}/budget',
        'GET /budget',
        'POST /plans',
        'GET /plans',
        'GET /plans/{id}',
        'GET /backfill',
        'GET /datasets',
        'GET /datasets/{dataset}/rows',
        'POST /feeds',
        'GET /feeds',
        'POST /feeds/pause',
        'POST /feeds/resume',
        'POST /feeds/cancel',
        'GET /holes',
        'GET /instruments',
        'POST /instruments/sync',
        'GET /derived',
        'POST /derived/{name}/rebuild',
        'GET /sources',
        'GET /coverage',
        'GET /gaps',
        'POST /repairs',
        'POST /follows',
        'GET /follows',
        'GET /follows/{id}',
        'DELETE /follows/{id}',
        'POST /follows/{id}/pause',
        'POST /follows/{id}/resume',
        'POST /ledger/reset',
        'POST /adoptions',
        'GET /adoptions/{table}',
        'GET /health',
        'GET /doctor',
        'POST /probes',
        'GET /ready',
        'GET /metrics',
      ]),
    )
    for (const item of Object.values(
      document.paths as Record<string, Record<string, { summary: string }>>,
    )) {
      for (const operation of Object.values(item)) expect(operation.summary).toMatch(/./)
    }
    const post = document.paths['/backfills'].post
    expect(Object.keys(post.responses)).toEqual([
      '202',
      '400',
      '404',
      '409',
      '412',
      '413',
      '415',
      '422',
      '503',
    ])
  })

  it('has no reference without a target', async () => {
    const { body: document } = await openApi().get('/openapi.json')
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)]
    expect(references.length).toBeGreaterThan(10)
    for (const [, pointer = ''] of references) {
      const target = pointer
        .split('/')
        .slice(1)
        .reduce((at, part) => at?.[part], document)
      expect(target, pointer).toBeDefined()
    }
  })

  it('describes the body as strict, with its defaults', async () => {
    const { body: document } = await openApi().get('/openapi.json')
    const body = document.paths['/backfills'].post.requestBody.content['application/json']
    const [schema, plan] = body.schema.anyOf
    expect(plan.required).toEqual(['planId'])
    expect(schema.required).toEqual(['dataset', 'from', 'to'])
    expect(schema.additionalProperties).toBe(false)
    expect(schema.properties.concurrency).toMatchObject({ default: 4, minimum: 1, maximum: 64 })
  })
})

describe('The pages', () => {
  it('load nothing from another server', async () => {
    const api = openApi()
    const page = await api.get('/docs')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.body).not.toMatch(/https?:\/\//)
    const files = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(
      (match) => match[1],
    )
    expect(files).toHaveLength(4)
    for (const file of files) expect((await api.get(file ?? '')).status, file).toBe(200)
  })

  it('are what a browser is led to, and a program is not', async () => {
    const api = openApi()
    const opened = await api.get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
    expect([opened.status, opened.headers.get('location')]).toEqual([302, '/docs'])
    expect((await api.get('/', { accept: '*/*' })).body).toMatchObject({ name: 'backtide' })
  })

  it('serve no other file of the package', async () => {
    const api = openApi()
    for (const path of ['/docs/package.json', '/docs/..%2fpackage.json', '/docs/index.html']) {
      expect((await api.get(path)).status).toBe(404)
    }
  })

  it('begin with an index of links that all answer', async () => {
    const api = openApi()
    const { links } = (await api.get('/')).body
    const own = Object.values<string>(links).filter((link) => link.startsWith('/'))
    for (const link of own.filter((path) => path !== '/coverage')) {
      expect((await api.get(link)).status, link).toBe(200)
    }
  })
})
