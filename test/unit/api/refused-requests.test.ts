import { describe, expect, it } from 'vitest'
import { openApi, REQUEST } from './open-api.ts'

const coins = (count: number) => Array.from({ length: count }, (_, index) => `C${index}`)

/** Body → the pointer its problem names, and a part of what it says. */
const REFUSED: readonly (readonly [string, object, string, RegExp])[] = [
  ['an unknown dataset', { dataset: 'test.none' }, '/dataset', /test\.hourly, hyperliquid/],
  ['no coins where they are needed', { coins: undefined }, '/coins', /coin by coin/],
  ['an empty list of coins', { coins: [] }, '/coins', /at least one/],
  ['a coin with ..', { coins: ['BTC', '../x'] }, '/coins/1', /cannot be a coin/],
  ['a coin with a control character', { coins: ['B\u0000TC'] }, '/coins/0', /\\u0000/],
  ['from after to', { from: '2025-01-03' }, '/to', /not after its start/],
  ['from equal to to', { from: '2025-01-02' }, '/to', /exclusive/],
  ['a day that does not exist', { from: '2025-02-30', to: '2025-03-01' }, '/from', /not a date/],
  ['hour 24', { to: '2025-01-01T24' }, '/to', /not a date/],
  ['words for a date', { from: 'yesterday' }, '/from', /2025-01-01T07/],
  [
    'an hour that has not ended',
    { from: '2026-11-21T12', to: '2026-11-21T13' },
    '/to',
    /12:00:00Z at most/,
  ],
  ['a range in the future', { from: '2030-01-01', to: '2030-01-02' }, '/to', /future/],
  ['a range before the archive', { from: '2020-01-01' }, '/from', /begins at 2023-04-15/],
  ['a bound inside an hour', { from: '2025-01-01T00:30' }, '/from', /2025-01-01T01:00:00Z/],
  [
    'more than 200,000 objects that nobody confirmed',
    { coins: coins(10), from: '2023-04-15', to: '2026-04-15' },
    '/confirmed',
    /26304 hours × 10 coins = 263040 objects.*"confirmed": true.*--yes/,
  ],
  ['an unknown field', { coin: 'BTC' }, '/coin', /Unknown field; known are dataset, coins/],
  ['an order nobody knows', { order: 'sideways' }, '/order', /oldest-first/],
  ['a concurrency of 0', { concurrency: 0 }, '/concurrency', /./],
  ['a concurrency of 65', { concurrency: 65 }, '/concurrency', /64/],
  ['a concurrency of 1.5', { concurrency: 1.5 }, '/concurrency', /./],
  ['an unknown failure policy', { onFailure: 'panic' }, '/onFailure', /continue/],
  ['a number for a date', { from: 20250101 }, '/from', /string/],
]

describe('POST /backfills refuses', () => {
  it.each(REFUSED)('%s, naming the field', async (_, change, pointer, detail) => {
    const api = openApi()
    const answer = await api.post('/backfills', { ...REQUEST, ...change })
    expect(answer.status).toBe(422)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.body).toMatchObject({
      status: 422,
      code: 'invalid_request',
      instance: '/backfills',
    })
    const error = answer.body.errors.find((one: { pointer: string }) => one.pointer === pointer)
    expect(error?.detail).toMatch(detail)
    expect(answer.body.detail).toContain(error.detail)
    expect(api.runs.started).toEqual([])
    expect(api.store.backfills.size).toBe(0)
  })

  it('coins for a dataset whose objects hold all of them', async () => {
    const api = openApi()
    const body = { ...REQUEST, dataset: 'hyperliquid.market_data' }
    const answer = await api.post('/backfills', body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toEqual([
      { pointer: '/coins', detail: expect.stringContaining('leave coins out') },
    ])
  })

  it('several wrong fields at once, each by name', async () => {
    const body = { ...REQUEST, coins: ['..'], from: '2025-13-01', to: 'x' }
    const { body: problem } = await openApi().post('/backfills', body)
    const pointers = problem.errors.map((error: { pointer: string }) => error.pointer)
    expect(pointers).toEqual(['/coins/0', '/from', '/to'])
  })

  it('and lists what is allowed where that is a list', async () => {
    const { body } = await openApi().post('/backfills', { ...REQUEST, order: 'sideways' })
    expect(body.errors[0].allowed).toEqual(['oldest-first', 'newest-first'])
  })

  it('a body that is not JSON with 400', async () => {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await openApi().send('/backfills', { method: 'POST', body: '{"a":', headers })
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_json', status: 400 } })
  })

  it.each([
    ['an array', '[]'],
    ['a string', '"x"'],
    ['null', 'null'],
  ])('a body that is %s with 422', async (_, body) => {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await openApi().send('/backfills', { method: 'POST', body, headers })
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
  })

  it('a body of another media type with 415', async () => {
    const headers = { 'Content-Type': 'text/plain' }
    const body = JSON.stringify(REQUEST)
    const answer = await openApi().send('/backfills', { method: 'POST', body, headers })
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
  })

  it('a body of more than 64 KiB with 413', async () => {
    const answer = await openApi().post('/backfills', { ...REQUEST, coins: coins(20_000) })
    expect(answer).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
  })

  it.each([
    ['empty', ' '],
    ['longer than 200 characters', 'k'.repeat(201)],
    ['not printable', 'a\u0001b'],
  ])('an idempotency key that is %s', async (_, key) => {
    const api = openApi()
    const send = () => api.post('/backfills', REQUEST, { 'Idempotency-Key': key })
    // A client's own library already refuses what cannot stand in a header.
    const answer = await send().catch((error: unknown) => error)
    if (!(answer instanceof Error)) {
      expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
    }
    expect(api.runs.started).toEqual([])
  })
})

describe('A path nobody serves', () => {
  it('is 404 problem+json', async () => {
    const answer = await openApi().get('/nowhere')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found', instance: '/nowhere' } })
  })

  it.each(['unknown', '..%2f..', "a'%20OR%201=1", 'x'.repeat(300)])(
    'and the backfill %s is 404 too',
    async (id) => {
      const answer = await openApi().get(`/backfills/${id}`)
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
    },
  )
})
