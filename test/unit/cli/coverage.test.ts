import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { runCli, serveApp } from './run-cli.ts'

const RANGE = ['--from', '2025-01-01T02', '--to', '2025-01-03']

function coverage(change: object = {}) {
  const total = { total: 24, unknown: 24, counts: {}, rows: 0 }
  return {
    dataset: 'test.hourly',
    coins: ['BTC'],
    from: '2025-01-01T02:00:00Z',
    to: '2025-01-03T00:00:00Z',
    granularity: 'hour',
    total: 46,
    counts: { complete: 2, missing: 1 },
    unknown: 43,
    rows: 1234,
    days: [
      { ...total, day: '2025-01-01', states: hours({ 2: 'complete', 3: 'missing', 4: 'corrupt' }) },
      { ...total, day: '2025-01-02', states: hours({ 0: 'failed', 23: 'complete_empty' }) },
    ],
    ...change,
  }
}

function hours(states: Readonly<Record<number, string>>): (string | null)[] {
  return Array.from({ length: 24 }, (_, hour) => states[hour] ?? null)
}

async function show(body: object, ...args: string[]) {
  const asked: string[] = []
  const app = new Hono().get('/coverage', (c) => {
    asked.push(decodeURIComponent(new URL(c.req.url).search))
    return c.json(body)
  })
  await using api = await serveApp(app)
  const run = await runCli(['coverage', 'test.hourly', ...RANGE, ...args], { api: api.address })
  return { ...run, asked, lines: run.stdout.split('\n') }
}

describe('backtide coverage', () => {
  it('draws a day × 24 grid for one coin, blank outside the range, with a legend', async () => {
    const { code, lines, asked } = await show(coverage(), '--coins', 'BTC')
    expect(code).toBe(0)
    expect(asked).toEqual([
      '?dataset=test.hourly&coins=BTC&from=2025-01-01T02&to=2025-01-03&detail=partitions',
    ])
    expect(lines.slice(0, 3)).toEqual([
      '            0     6     12    18',
      `2025-01-01    █·!${'-'.repeat(19)}`,
      `2025-01-02  x${'-'.repeat(22)}▒`,
    ])
    for (const word of ['█ complete', '▒ complete_empty', '· missing', 'x failed', '- unknown']) {
      expect(lines[4]).toContain(word)
    }
    for (const word of ['o reset', '% unverified']) expect(lines[4]).toContain(word)
    expect(lines.at(-2)).toBe('46 objects: 2 complete, 1 missing, 43 unknown; 1,234 rows')
  })

  it('asks for one coin at one interval', async () => {
    const { asked } = await show(coverage(), '--coins', 'BTC', '--intervals', '1m')
    expect(asked[0]).toContain('&coins=BTC&intervals=1m&from=')
  })

  it('is a table by day otherwise', async () => {
    const day = { day: '2025-01-01', total: 48, counts: { complete: 40 }, unknown: 8, rows: 99 }
    const { lines } = await show(
      coverage({ coins: ['BTC', 'ETH'], days: [day] }),
      '--coins',
      'BTC,ETH',
    )
    expect(lines[0]).toMatch(/^DAY +SETTLED +ROWS +OBJECTS$/)
    expect(lines[1]).toMatch(/^2025-01-01 +40\/48 +99 +40 complete$/)
  })

  it('--json is the body of the API as one line', async () => {
    const { stdout } = await show(coverage(), '--coins', 'BTC', '--json')
    expect(JSON.parse(stdout)).toEqual(coverage())
    expect(stdout.trim()).not.toContain('\n')
  })
})
