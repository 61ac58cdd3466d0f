import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '@backtide/api/config'
import { findToken, keepToken, parseTokens } from '@backtide/config/tokens'
import { describe, expect, it } from 'vitest'
import { openApi, REQUEST } from './open-api.ts'

const READER = 'the-token-of-a-reader'
const OPERATOR = 'the-token-of-an-operator'
const tokens = [keepToken('grafana', 'read', READER), keepToken('ops', 'operate', OPERATOR)]

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
const basic = (token: string) => ({
  Authorization: `Basic ${Buffer.from(`anybody:${token}`).toString('base64')}`,
})

const STARTING = '/backfill?source=HyperliquidAssetCtxs&from=2024-01-01&to=2024-01-01'

describe('A token that may read', () => {
  it.each(['/backfills', '/datasets', '/openapi.json', '/docs', '/metrics'])(
    'opens %s',
    async (path) => {
      expect((await openApi({ tokens }).get(path, bearer(READER))).status).toBe(200)
    },
  )

  it.each([
    ['POST', '/backfills'],
    ['POST', '/backfills/x/pause'],
    ['POST', '/backfills/x/retry'],
    ['POST', '/ledger/reset'],
    ['POST', '/a-route-of-tomorrow'],
    ['DELETE', '/backfills/x'],
    ['GET', STARTING],
    ['HEAD', STARTING],
    ['GET', STARTING.replace('/b', '/%62')],
  ])('does not open %s %s, and is told the scope it needs', async (method, path) => {
    const api = openApi({ tokens })
    const answer = await api.app.request(path, { method, headers: bearer(READER) })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toContain('scope="operate"')
    expect(api.runs.started).toEqual([])
  })
})

describe('A browser', () => {
  it('is asked for a password, and opens the pages with a token', async () => {
    const api = openApi({ tokens })
    const asked = await api.get('/docs', { accept: 'text/html,*/*' })
    expect(asked.status).toBe(401)
    expect(asked.headers.get('www-authenticate')).toMatch(/^Basic /)
    for (const path of ['/docs', '/docs/swagger-ui.css', '/openapi.json']) {
      expect((await api.get(path, basic(READER))).status).toBe(200)
      expect((await api.get(path, basic('x'.repeat(20)))).status).toBe(401)
    }
  })

  it('starts nothing with what it sends by itself', async () => {
    const api = openApi({ tokens })
    expect((await api.get(STARTING, basic(OPERATOR))).status).toBe(401)
    expect((await api.post('/backfills', REQUEST, basic(OPERATOR))).status).toBe(401)
    expect(api.runs.started).toEqual([])
  })
})

/** The audit lines of a log. */
function audited(lines: readonly string[]) {
  return lines.map((line) => JSON.parse(line)).filter((line) => line.audit !== undefined)
}

/** The configuration, without a Temporal configuration that a developer may have. */
function read(env: Readonly<Record<string, string>>) {
  return readConfig({ TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml', ...env })
}

describe('The log', () => {
  it('says who started, steered and reset what, allowed or not', async () => {
    const api = openApi({ tokens })
    const { body } = await api.post('/backfills', REQUEST, bearer(OPERATOR))
    await api.post(`/backfills/${body.id}/pause`, undefined, bearer(OPERATOR))
    await api.post(`/backfills/${body.id}/retry`, undefined, bearer(OPERATOR))
    await api.post('/ledger/reset', { ...REQUEST, dryRun: true }, bearer(OPERATOR))
    const ops = { token: 'ops', requestId: expect.any(String) }
    expect(audited(api.lines)).toMatchObject([
      { ...ops, audit: 'start', started: body.id, status: 202 },
      { ...ops, audit: 'pause', backfillId: body.id, status: 202 },
      { ...ops, audit: 'retry', backfillId: body.id, status: 409 },
      { ...ops, audit: 'reset', status: 200 },
    ])
    expect(api.lines.join('')).not.toContain(OPERATOR)
  })

  it('says it of a token that may not, too', async () => {
    const api = openApi({ tokens })
    await api.post('/backfills/x/cancel', undefined, bearer(READER))
    expect(audited(api.lines)).toMatchObject([{ audit: 'cancel', token: 'grafana', status: 403 }])
  })
})

describe('What a token asks for is limited:', () => {
  const limits = {
    requests: { burst: 4, perSecond: 1 },
    backfills: { burst: 1, perSecond: 0.1 },
  }

  it('requests, each token for itself, and more come with time', async () => {
    const api = openApi({ tokens, limits })
    const ask = async (token: string) => (await api.get('/datasets', bearer(token))).status
    for (let asked = 0; asked < 4; asked += 1) expect(await ask(READER)).toBe(200)
    const refused = await api.get('/datasets', bearer(READER))
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_requests' } })
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await ask(OPERATOR)).toBe(200)
    api.pass(1_000)
    expect(await ask(READER)).toBe(200)
  })

  it('backfills that are started', async () => {
    const api = openApi({ tokens, limits })
    expect((await api.post('/backfills', REQUEST, bearer(OPERATOR))).status).toBe(202)
    const refused = await api.get(STARTING, bearer(OPERATOR))
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('10')
    expect(api.runs.started).toHaveLength(1)
  })
})

describe('The document', () => {
  it('asks for a token where the API does', async () => {
    const { body } = await openApi({ tokens }).get('/openapi.json', bearer(READER))
    expect(body.components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer' } })
    const post = body.paths['/backfills'].post
    expect(post.security).toEqual([{ token: [] }])
    expect(Object.keys(post.responses)).toEqual(expect.arrayContaining(['401', '403', '429']))
    expect(body.paths['/health'].get.security).toBeUndefined()
    expect((await openApi().get('/openapi.json')).body.components.securitySchemes).toBeUndefined()
  })
})

describe('A file of tokens', () => {
  const hash = keepToken('a', 'read', READER).sha256

  it('has a line each, and comments', () => {
    const known = parseTokens(
      `# who looks\ngrafana read ${hash} # dashboards\n\nops operate ${hash}\n`,
    )
    expect(known.map(({ name, scope }) => `${name} ${scope}`)).toEqual([
      'grafana read',
      'ops operate',
    ])
    expect(findToken(known, READER)?.name).toBe('grafana')
    expect(findToken(known, OPERATOR)).toBeUndefined()
  })

  it.each([
    ['a token in the clear', `ops operate ${OPERATOR}`, /^Line 1 /],
    ['an unknown scope', `a read ${hash}\nops admin ${hash}`, /^Line 2 /],
    ['a name twice', `a read ${hash}\na operate ${hash}`, /twice/],
  ])('is refused with %s, without saying it', (_, text, message) => {
    expect(() => parseTokens(text)).toThrow(message)
    expect(() => parseTokens(text)).not.toThrow(OPERATOR)
  })

  it('is read where the configuration says, beside a token of its own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokens-'))
    const [list, one, short] = ['list', 'one', 'short'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(list, `grafana read ${hash}\n`)
    writeFileSync(one, `${OPERATOR}\n`)
    writeFileSync(short, 'short\n')
    const { settings } = read({ BACKTIDE_TOKENS_FILE: list, BACKTIDE_TOKEN_FILE: one })
    expect(findToken(settings.tokens ?? [], READER)?.scope).toBe('read')
    expect(findToken(settings.tokens ?? [], OPERATOR)?.scope).toBe('operate')
    expect(read({ BACKTIDE_HOST: '0.0.0.0', BACKTIDE_TOKENS_FILE: list }).host).toBe('0.0.0.0')
    expect(() => read({ BACKTIDE_TOKEN_FILE: short })).toThrow(/^BACKTIDE_TOKEN_FILE: Use 16/)
    expect(() => read({ BACKTIDE_TOKENS_FILE: one })).toThrow(/^BACKTIDE_TOKENS_FILE: Line 1/)
    expect(() => read({ BACKTIDE_TOKENS_FILE: join(folder, 'none') })).toThrow(/ENOENT/)
  })
})
