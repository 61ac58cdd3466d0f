import { NOTHING_PLANNED } from '@backtide/core/plan'
import { registry } from '@backtide/datasets/registry'
import type { PlanRecord } from '@backtide/store/plans/plans'
import { describe, expect, it } from 'vitest'
import { openApi, REQUEST } from './open-api.ts'

interface Schema {
  readonly example?: string | number | object
  readonly default?: string | number
}

interface Operation {
  readonly tags: readonly string[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Schema }>> }
  readonly responses: Readonly<Record<string, unknown>>
}

/** What a page such as Swagger UI sends when nothing is typed: examples, else defaults. */
function request(path: string, method: string, { parameters = [], requestBody }: Operation) {
  const values = parameters.flatMap(({ name, in: place, schema }) => {
    const value = schema.example ?? schema.default
    return value === undefined
      ? []
      : [{ name, place, value: typeof value === 'object' ? JSON.stringify(value) : String(value) }]
  })
  const query = new URLSearchParams(
    values
      .filter(({ place }) => place === 'query')
      .map(({ name, value }): [string, string] => [name, value]),
  )
  const filled = values
    .filter(({ place }) => place === 'path')
    .reduce((text, { name, value }) => text.replace(`{${name}}`, value), path)
  const body = requestBody?.content['application/json']?.schema.example
  return {
    path: query.size > 0 ? `${filled}?${String(query)}` : filled,
    init: {
      method: method.toUpperCase(),
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' },
      }),
    },
  }
}

/** What the examples of plans name. */
const PLAN: PlanRecord = {
  id: 'p-0mi9k2a1-43aa833f',
  namespace: 'default',
  createdAt: 0,
  requestHash: '',
  request: {
    dataset: 'hyperliquid.l2_book',
    symbols: ['BTC'],
    range: { from: 0, to: 3_600_000 },
    order: 'oldest-first',
    reprocess: 'incomplete',
    onFailure: 'continue',
    concurrency: 4,
  },
  summary: {
    ...NOTHING_PLANNED,
    total: 1,
    exact: true,
    cost: { transferUsd: 0, requestsUsd: 0, listingUsd: 0 },
    rewrites: { rows: 0, bytes: 0, days: 0 },
    hash: '',
    seenAt: 0,
  },
}

describe('The documentation', () => {
  it('shows requests that work as they stand', async () => {
    const api = openApi({}, registry)
    api.store.standing.set('market_data', 'adoptable')
    api.store.plans = [PLAN]
    const { body: document } = await api.get('/openapi.json')
    const operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    const answers: [string, number][] = []
    for (const { path, method, operation } of operations) {
      const shown = request(path, method, operation)
      answers.push([`${method} ${path}`, (await api.send(shown.path, shown.init)).status])
    }
    // What ran when it was to be retried has to end first.
    const refused = answers.filter(([, status]) => status >= 300)
    expect(refused).toEqual([['post /backfills/{id}/retry', 409]])
  })

  it('names the datasets there are, and how an instant is written', async () => {
    const { body: document } = await openApi({}, registry).get('/openapi.json')
    const ids = registry.all.map(({ id }) => id)
    const body = document.paths['/backfills'].post.requestBody.content['application/json']
    const [schema] = body.schema.anyOf
    expect(schema.properties.dataset.enum).toEqual(ids)
    expect(new RegExp(schema.properties.from.pattern).test('2025-01-01T07')).toBe(true)
    const { parameters } = document.paths['/backfill'].get
    const source = parameters.find(({ name }: { name: string }) => name === 'source')
    expect(source.schema.enum).toEqual(expect.arrayContaining(['HyperliquidL2Orderbook', ...ids]))
  })

  it('has its routes in chapters', async () => {
    const { body: document } = await openApi().get('/openapi.json')
    const chapters = Object.values<Record<string, Operation>>(document.paths)
      .flatMap((methods) => Object.values(methods))
      .map(({ tags }) => tags)
    expect(new Set(chapters.flat())).toEqual(
      new Set(['Backfills', 'Datasets', 'Ledger', 'Supervision']),
    )
    expect(chapters.every((tags) => tags.length === 1)).toBe(true)
  })
})

describe('A method that a path does not take', () => {
  it.each([
    ['PUT', '/backfills', 'GET, POST'],
    ['DELETE', '/backfills/x', 'GET, PATCH'],
    ['GET', '/backfills/x/pause', 'POST'],
    ['PATCH', '/', 'GET'],
    ['OPTIONS', '/openapi.json', 'GET'],
  ])('%s %s is 405, with those it takes', async (method, path, allowed) => {
    const answer = await openApi().send(path, { method })
    expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } })
    expect(answer.headers.get('allow')).toBe(allowed)
  })
})

describe('A coin in small letters', () => {
  it('is accepted as it is written, with a hint', async () => {
    const { body } = await openApi().post('/backfills', { ...REQUEST, coins: ['btc', 'kPEPE'] })
    expect(body.coins).toEqual(['btc', 'kPEPE'])
    expect(body.warnings).toEqual([expect.stringContaining('did you mean BTC?')])
  })
})

describe('The words of a refusal', () => {
  it.each([
    [{}, '/dataset', 'It is missing; send a string.'],
    [{ from: 5 }, '/from', 'Send a string, not a number.'],
    [{ coins: 'BTC' }, '/coins', 'Send a list, not a string.'],
    [{ concurrency: 1.5 }, '/concurrency', 'Send a whole number.'],
    [{ concurrency: 65 }, '/concurrency', 'Use 64 at most.'],
    [{ concurrency: 0 }, '/concurrency', 'Use 1 or more.'],
    [{ order: 'up' }, '/order', 'Use one of oldest-first, newest-first.'],
    [{ dataset: 'a'.repeat(101) }, '/dataset', 'Use 100 characters at most.'],
    [{ dryRun: 1 }, '/dryRun', 'Send true or false, not a number.'],
  ])('for %j are a sentence', async (body, pointer, detail) => {
    const path = 'dryRun' in body ? '/ledger/reset' : '/backfills'
    const answer = await openApi().post(path, body)
    expect(answer.body.errors).toContainEqual(expect.objectContaining({ pointer, detail }))
  })
})
