import { readGaps } from '@backtide/cli/read-gaps'
import { glyphOf } from '@backtide/cli/show/glyphs'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { backfill } from './fake-api.ts'
import { runCli, serveApp } from './run-cli.ts'

const RANGE = ['--from', '2025-01-01', '--to', '2025-01-02']

const gap = (change: object = {}) => ({
  dataset: 'test.hourly',
  coin: 'BTC',
  from: '2025-01-01T02:00:00Z',
  to: '2025-01-01T04:00:00Z',
  cause: 'failed',
  reason: 'it gave up',
  objects: 2,
  repairable: true,
  ...change,
})

const lines = (...gaps: readonly object[]) => gaps.map((one) => `${JSON.stringify(one)}\n`).join('')

/** An API with two pages of gaps, whose repairs start what they are told. */
function fakeApi(answer: object = {}) {
  const asked: string[] = []
  const posted: unknown[] = []
  const app = new Hono()
    .get('/gaps', (c) => {
      asked.push(decodeURIComponent(new URL(c.req.url).search))
      const first = c.req.query('cursor') === undefined
      return c.json({ gaps: [gap({ coin: first ? 'BTC' : 'ETH' })], next: first ? 'more' : null })
    })
    .post('/repairs', async (c) => {
      posted.push(await c.req.json())
      return c.json({
        dataset: 'test.hourly',
        dryRun: false,
        repairable: { gaps: 2, objects: 4 },
        untouched: [{ cause: 'missing', gaps: 1, objects: 3 }],
        backfills: [{ id: 'a', coins: ['BTC'], from: '2025-01-01', to: '2025-01-02' }],
        left: 0,
        ...answer,
      })
    })
    .get('/backfills/:id', (c) => c.json(backfill({ id: c.req.param('id'), ...ENDED })))
  return { app, asked, posted }
}

const ENDED = { state: 'incomplete', endedAt: '2026-11-21T12:01:00Z', remaining: 0 }

async function run(args: readonly string[], { answer = {}, input = '' } = {}) {
  const fake = fakeApi(answer)
  await using api = await serveApp(fake.app)
  return { ...(await runCli(args, { api: api.address, input })), ...fake }
}

describe('backtide gaps', () => {
  it('prints one gap a line with --json, of all pages', async () => {
    const { stdout, asked } = await run([
      'gaps',
      'test.hourly',
      '--coins',
      'BTC,ETH',
      ...RANGE,
      '--min',
      '1h',
      '--cause',
      'failed',
      '--json',
    ])
    expect(stdout).toBe(lines(gap(), gap({ coin: 'ETH' })))
    const question = '?dataset=test.hourly&coins=BTC,ETH&from=2025-01-01&to=2025-01-02'
    expect(asked).toEqual([
      `${question}&min=1h&cause=failed&limit=1000`,
      `${question}&min=1h&cause=failed&limit=1000&cursor=more`,
    ])
  })

  it('shows people a table, and says when there are more', async () => {
    const { stdout, stderr } = await run([
      'gaps',
      'test.hourly',
      '--coins',
      'BTC',
      ...RANGE,
      '--limit',
      '1',
    ])
    const [head, row] = stdout.split('\n')
    expect(head).toMatch(/^FROM +TO +COIN +CAUSE +OBJECTS +REPAIRABLE +REASON$/)
    expect(row).toMatch(/T02:00:00Z +2025-01-01T04:00:00Z +BTC +failed +2 +yes +it gave up$/)
    expect(stderr).toBe('there are more; --limit shows them\n')
  })
})

describe('backtide repair', () => {
  it('repairs a range, prints the ids, and says what it does not touch and what would', async () => {
    const { code, stdout, stderr, posted } = await run([
      'repair',
      'test.hourly',
      '--coins',
      'BTC,ETH',
      ...RANGE,
    ])
    expect(code).toBe(0)
    expect(posted).toEqual([
      {
        dataset: 'test.hourly',
        parts: [{ coins: ['BTC', 'ETH'], from: '2025-01-01', to: '2025-01-02' }],
        dryRun: false,
      },
    ])
    expect(stdout).toBe('a\n')
    expect(stderr).toContain('test.hourly: loads 4 objects in 2 gaps with 1 backfill\n')
    expect(stderr).toMatch(/not touched: 3 missing in 1 gap: .*--reprocess missing/)
  })

  it('reads gaps from a pipe: coins with the same gap are one part', async () => {
    const later = { from: '2025-01-03T00:00:00Z', to: '2025-01-04T00:00:00Z' }
    const { code, posted } = await run(['repair', '-', '--dry-run'], {
      input: lines(gap(), gap({ coin: 'ETH' }), gap({ ...later, coin: '*' })),
    })
    expect(code).toBe(0)
    const { from, to } = gap()
    const parts = [{ coins: ['BTC', 'ETH'], from, to }, later]
    expect(posted).toEqual([{ dataset: 'test.hourly', parts, dryRun: true }])
  })

  it('of nothing that was piped in does nothing', async () => {
    expect(await run(['repair', '-'])).toMatchObject({ code: 0, stdout: '', posted: [] })
  })

  it('follows what it started with --wait, and ends as the worst of it', async () => {
    const { code, stdout, stderr } = await run([
      'repair',
      'test.hourly',
      '--coins',
      'BTC',
      ...RANGE,
      '--wait',
      '--json',
    ])
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ id: 'a', state: 'incomplete' })
    expect(stderr).toContain('backfill a\n')
  })

  it('ends with 3 when parts are left', async () => {
    const answer = { left: 2 }
    const { code, stderr } = await run(['repair', 'test.hourly', ...RANGE], { answer })
    expect(code).toBe(3)
    expect(stderr).toContain('2 parts left: repair again when these have ended')
  })

  it.each([
    ['no gap', 'BTC\n', 'line 1 is not a gap'],
    ['half a gap', lines(gap(), { dataset: 'x' }), 'line 2 is not a gap'],
    ['a list', '[]\n', 'line 1 is not a gap'],
  ])('refuses %s', async (_, input, message) => {
    const refused = await run(['repair', '-'], { input })
    expect(refused).toMatchObject({ code: 2, stdout: '', posted: [] })
    expect(refused.stderr).toContain(message)
  })

  it('refuses a range beside the gaps', async () => {
    expect((await run(['repair', '-', ...RANGE], { input: lines(gap()) })).code).toBe(2)
  })
})

describe('Gaps that are read', () => {
  it('of thousands are cut so that each request is taken', () => {
    const many = Array.from({ length: 1_000 }, (_, index) =>
      gap({ from: `2025-01-01T00:00:${index}Z` }),
    )
    const requests = readGaps(lines(...many))
    expect(requests.flatMap(({ parts }) => parts)).toHaveLength(1_000)
    for (const request of requests) {
      expect(request.parts.length).toBeLessThanOrEqual(500)
      expect(JSON.stringify(request).length).toBeLessThan(60_000)
    }
  })
})

describe('A sign of a grid', () => {
  it('has a colour on a terminal, and none elsewhere', () => {
    expect(glyphOf('corrupt', true)).toBe('\u001b[31m!\u001b[39m')
    expect(glyphOf('corrupt', false)).toBe('!')
  })
})
