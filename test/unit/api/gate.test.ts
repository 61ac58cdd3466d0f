import { keepToken } from '@backtide/config/tokens'
import { describe, expect, it } from 'vitest'
import { openApi, REQUEST } from './open-api.ts'

const TOKEN = 'a-token-of-the-tests'
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

/** Every kind of route: reading, starting, steering, pages. */
const PROTECTED = [
  '/backfills',
  '/backfills/x',
  '/backfills/x/partitions',
  '/backfill?source=HyperliquidAssetCtxs&from=2024-01-01&to=2024-01-01',
  '/datasets',
  '/coverage?dataset=test.hourly&coins=BTC&from=2025-01-01&to=2025-01-02',
  '/metrics',
  '/openapi.json',
  '/docs',
  '/docs/swagger-ui-bundle.js',
  '/',
  '/nowhere',
]

describe('With a token', () => {
  it.each(PROTECTED)('GET %s needs it', async (path) => {
    const api = openApi({ tokens: [keepToken('tests', 'operate', TOKEN)] })
    const without = await api.get(path)
    expect(without).toMatchObject({ status: 401, body: { code: 'unauthorized' } })
    expect(without.headers.get('www-authenticate')).toBe('Bearer')
    for (const wrong of ['', 'wrong', `${TOKEN}x`, TOKEN.slice(1)]) {
      expect((await api.get(path, bearer(wrong))).status).toBe(401)
    }
    expect((await api.get(path, bearer(TOKEN))).status).not.toBe(401)
    expect(api.runs.started.length).toBeLessThanOrEqual(1)
  })

  it.each(['/backfills', '/backfills/x/pause', '/backfills/x/cancel', '/backfills/x/retry'])(
    'POST %s needs it',
    async (path) => {
      const api = openApi({ tokens: [keepToken('tests', 'operate', TOKEN)] })
      expect((await api.post(path, REQUEST)).status).toBe(401)
      expect((await api.post(path, REQUEST, bearer(TOKEN))).status).not.toBe(401)
    },
  )

  it.each(['/health', '/ready'])('GET %s answers without it', async (path) => {
    expect(
      (await openApi({ tokens: [keepToken('tests', 'operate', TOKEN)] }).get(path)).status,
    ).toBe(200)
  })

  it('it is in no log line and in no answer', async () => {
    const api = openApi({ tokens: [keepToken('tests', 'operate', TOKEN)] })
    const answers = [
      await api.get('/backfills', bearer(`${TOKEN}x`)),
      await api.get('/backfills', bearer(TOKEN)),
    ]
    expect(api.lines).toHaveLength(2)
    expect(JSON.stringify([answers, api.lines])).not.toContain(TOKEN)
  })
})

describe('On loopback', () => {
  const allowedHosts = ['localhost', '127.0.0.1', '[::1]']

  it.each(['localhost', 'LOCALHOST:8484', '127.0.0.1:8484', '[::1]:8484', 'localhost.:8484'])(
    'a request to %s is served',
    async (host) => {
      expect((await openApi({ allowedHosts }).get('/datasets', { host })).status).toBe(200)
    },
  )

  it.each([
    'evil.example',
    'evil.example:8484',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '[::2]:8484',
  ])('a request to %s is refused: its name was rebound', async (host) => {
    const api = openApi({ allowedHosts })
    const answer = await api.post('/backfills', REQUEST, { host })
    expect(answer).toMatchObject({ status: 421, body: { code: 'host_not_allowed' } })
    expect(api.runs.started).toEqual([])
  })
})

describe('A browser on another site', () => {
  const SIMPLE = '/backfill?source=HyperliquidAssetCtxs&from=2024-01-01&to=2024-01-01'

  it.each([
    ['Origin', { host: 'localhost:8484', origin: 'https://evil.example' }],
    ['Origin of another port', { host: 'localhost:8484', origin: 'http://localhost:3000' }],
    ['opaque Origin', { host: 'localhost:8484', origin: 'null' }],
    ['Sec-Fetch-Site', { host: 'localhost:8484', 'sec-fetch-site': 'cross-site' }],
  ])('starts nothing, known by its %s', async (_, headers) => {
    const api = openApi()
    const answer = await api.get(SIMPLE, headers)
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden_origin' } })
    expect(api.runs.started).toEqual([])
  })

  it('is not the page of the API itself', async () => {
    const own = {
      host: 'localhost:8484',
      origin: 'http://localhost:8484',
      'sec-fetch-site': 'same-origin',
    }
    expect((await openApi().get(SIMPLE, own)).status).toBe(202)
  })
})

describe('Every answer', () => {
  it.each([
    ['a list', '/backfills', 200],
    ['a refusal', '/backfills?limit=none', 422],
    ['a wrong path', '/nowhere', 404],
    ['a foreign name', 'http://evil.test/backfills', 421],
    ['a script of the pages', '/docs/start.js', 200],
  ])('forbids to be framed, sniffed, kept or named as a referrer: %s', async (_, path, status) => {
    const allowedHosts = ['localhost']
    const answer = await openApi({ allowedHosts }).get(path)
    expect(answer.status).toBe(status)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
  })

  it('lets the pages load what is theirs, and nothing else', async () => {
    const { headers } = await openApi().get('/docs')
    const policy = headers.get('content-security-policy')
    expect(policy).toMatch(/default-src 'none'; script-src 'self';.* frame-ancestors 'none'/)
  })
})
