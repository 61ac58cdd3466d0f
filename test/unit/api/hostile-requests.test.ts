import { describe, expect, it } from 'vitest'
import { openApi, REQUEST } from './open-api.ts'

const CALL = '/backfill?source=test.hourly&from=2025-01-01&to=2025-01-01'
const GAPS = '/gaps?dataset=test.hourly&coins=BTC&from=2025-01-01&to=2025-01-02'
const PART = { coins: ['BTC'], from: '2025-01-01', to: '2025-01-02' }
const repairs = (change: object, dataset = 'test.hourly') =>
  JSON.stringify({ dataset, parts: [{ ...PART, ...change }] })
const JSON_BODY = { 'Content-Type': 'application/json' }

const cursor = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url')
const body = (change: object) => JSON.stringify({ ...REQUEST, ...change })
const post = (path: string, text: string, headers: object = JSON_BODY) =>
  ({ path, init: { method: 'POST', body: text, headers: { ...headers } } }) as const
const get = (path: string, headers: object = {}) => ({ path, init: { headers: { ...headers } } })

/** What is sent, and the status it is refused with. */
const HOSTILE: readonly (readonly [string, ReturnType<typeof get | typeof post>, number])[] = [
  ['a coin of 101 characters', get(`${CALL}&coins=${'A'.repeat(101)}`), 422],
  ['a coin of 9,000 characters', get(`${CALL}&coins=${'A'.repeat(9_000)}`), 422],
  [
    'an interval of 21 characters',
    get(`${CALL.replace('hourly', 'candles')}&coins=BTC&intervals=${'m'.repeat(21)}`),
    422,
  ],
  ['an empty source', get(CALL.replace('test.hourly', '')), 422],
  ['a source of a prototype', get(CALL.replace('test.hourly', '__proto__')), 422],
  ['a parameter given twice', get(`${CALL}&coins=BTC&from=2025-01-02`), 422],
  ['a date whose next hour is of the year 10000', get(`${CALL}&coins=B&to=9999-12-31T23`), 422],
  [
    'a date before the calendar',
    get(`/backfill?source=test.hourly&from=0000-01-01&to=0000-01-02&coins=B`),
    422,
  ],
  ['an offset of 99 hours', post('/backfills', body({ from: '9999-12-31T23:00:00-99:99' })), 422],
  [
    'half a character in a coin',
    post(
      '/backfills',
      '{"dataset":"test.hourly","coins":["\\ud800"],"from":"2025-01-01","to":"2025-01-02"}',
    ),
    422,
  ],
  ['a prototype for a field', post('/backfills', '{"__proto__":{"a":1},"constructor":1}'), 422],
  ['lists in lists', post('/backfills', '['.repeat(30_000) + ']'.repeat(30_000)), 422],
  ['lists that do not end', post('/backfills', '['.repeat(60_000)), 400],
  ['bytes that are not UTF-8', post('/backfills', '\u0000\uFFFD'), 400],
  [
    '10,000 unknown fields',
    post('/backfills', `{${Array.from({ length: 6_000 }, (_, n) => `"a${n}":1`).join()}}`),
    422,
  ],
  [
    'a form',
    post('/backfills', 'dataset=test.hourly', {
      'Content-Type': 'application/x-www-form-urlencoded',
    }),
    415,
  ],
  [
    'a cursor in another year 10000',
    get(`/backfills?cursor=${cursor({ at: 1e15, seen: [] })}`),
    422,
  ],
  ['a cursor beyond all numbers', get(`/backfills?cursor=${cursor({ at: 1e300, seen: [] })}`), 422],
  ['a cursor between milliseconds', get(`/backfills?cursor=${cursor({ at: 0.5, seen: [] })}`), 422],
  ['a cursor that is no JSON', get('/backfills?cursor=%00'), 422],
  ['a limit in hexadecimal', get('/backfills?limit=0x10'), 422],
  ['a limit in words', get('/backfills?limit=many'), 422],
  ['no limit', get('/backfills?limit='), 422],
  ['a state nobody has', get("/backfills?state=running'--"), 422],
  ['an id with SQL', get("/backfills/x'%20OR%20'1'='1"), 404],
  ['an id with a null', get('/backfills/%00'), 404],
  ['an id that cannot be decoded', get('/backfills/%ff%fe'), 404],
  ['a way out of a folder', get('/docs/..%2f..%2fpackage.json'), 404],
  ['a cause nobody has', get(`${GAPS}&cause=missing,complete`), 422],
  ['a cause with SQL', get(`${GAPS}&cause=missing')--`), 422],
  ['no cause', get(`${GAPS}&cause=`), 422],
  ['a length of a million weeks', get(`${GAPS}&min=1000000w`), 422],
  ['a length below nothing', get(`${GAPS}&min=-1h`), 422],
  [
    'a cursor of gaps of the year 10000',
    get(`${GAPS}&cursor=${cursor({ from: 1e15, series: 'B', cause: 'missing', seen: 1 })}`),
    422,
  ],
  [
    'a cursor of gaps with a control character',
    get(`${GAPS}&cursor=${cursor({ from: 0, series: '\n', cause: 'missing', seen: 1 })}`),
    422,
  ],
  [
    'a cursor that has seen more gaps than a page has',
    get(`${GAPS}&cursor=${cursor({ from: 0, series: 'B', cause: 'missing', seen: 1e9 })}`),
    422,
  ],
  [
    'a repair of nothing',
    post('/repairs', JSON.stringify({ dataset: 'test.hourly', parts: [] })),
    422,
  ],
  ['a repair of a prototype', post('/repairs', repairs({}, '__proto__')), 422],
  ['a repair without coins', post('/repairs', repairs({ coins: [] })), 422],
  ['a repair of a coin with SQL', post('/repairs', repairs({ coins: ["B' OR '1'='1"] })), 422],
  ['a repair of the future', post('/repairs', repairs({ to: '9999-12-31' })), 422],
  ['a repair of half an hour', post('/repairs', repairs({ to: '2025-01-01T00:30' })), 422],
  ['a repair of parts in parts', post('/repairs', repairs({ parts: [] })), 422],
  [
    'a repair of 501 parts',
    post(
      '/repairs',
      JSON.stringify({ dataset: 'test.hourly', parts: Array.from({ length: 501 }, () => PART) }),
    ),
    422,
  ],
  [
    'a reset with a date that is a list',
    post('/ledger/reset', body({ from: ['2025-01-01'] })),
    422,
  ],
]

describe('Refused, and nothing starts:', () => {
  it.each(HOSTILE)('%s', async (_, { path, init }, status) => {
    const api = openApi()
    const answer = await api.send(path, init)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(JSON.stringify(answer.body).length).toBeLessThan(20_000)
    expect(api.runs.started).toEqual([])
  })

  it.each([
    ['of the year 10000', { partition: 1e15, object: 'a' }],
    ['with a control character', { partition: 0, object: 'a\u0000' }],
    ['longer than a key', { partition: 0, object: 'a'.repeat(2_000) }],
  ])('a cursor of objects %s', async (_, position) => {
    const api = openApi()
    const { body: backfill } = await api.post('/backfills', REQUEST)
    const path = `/backfills/${backfill.id}/partitions?state=missing&cursor=${cursor(position)}`
    expect((await api.get(path)).status).toBe(422)
  })
})

describe('Coins and intervals', () => {
  it('named thousands of times are counted once: nothing is multiplied', async () => {
    const api = openApi()
    const many = {
      coins: Array<string>(6_000).fill('BTC'),
      intervals: Array<string>(5_000).fill('1m'),
    }
    const answer = await api.post('/backfills', { ...REQUEST, dataset: 'test.candles', ...many })
    expect(answer).toMatchObject({ status: 202, body: { coins: ['BTC'], intervals: ['1m'] } })
  })
})

describe('A page on another site', () => {
  const OWN = { host: 'localhost:8484' }

  it.each([
    ['a Referer', { referer: 'https://evil.example/page' }],
    ['a Referer of another port', { referer: 'http://localhost:3000/' }],
    ['a Referer that is no address', { referer: 'evil' }],
    ['an Origin', { origin: 'https://evil.example' }],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
  ])('starts nothing with %s alone', async (_, headers) => {
    const api = openApi()
    const answer = await api.get(`${CALL}&coins=BTC`, { ...OWN, ...headers })
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden_origin' } })
    expect(api.runs.started).toEqual([])
  })

  it.each([
    ['its own page', { referer: 'http://localhost:8484/docs', 'sec-fetch-site': 'same-origin' }],
    ['a person who typed the address', { 'sec-fetch-site': 'none' }],
  ])('is neither %s', async (_, headers) => {
    expect((await openApi().get(`${CALL}&coins=BTC`, { ...OWN, ...headers })).status).toBe(202)
  })
})
