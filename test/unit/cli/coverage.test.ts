import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { runCli, serveApp } from './run-cli.ts'

const RANGE = ['--from', '2025-01-01T02', '--to', '2025-01-03']

function coverage(change: object = {}) {
  const total = { total: 24, unknown: 24, percent: 0, counts: {}, rows: 0 }
  return {
    dataset: 'test.hourly',
    coins: ['BTC'],
    from: '2025-01-01T02:00:00Z',
    to: '2025-01-03T00:00:00Z',
    granularity: 'hour',
    total: 46,
    counts: { complete: 2, missing: 1 },
    unknown: 43,
    percent: 4.347,
    rows: 1234,
    reasons: [{ state: 'missing', reason: 'not there', objects: 1 }],
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

function day(name: string, counts: object, unknown = 0) {
  return { day: name, total: 24, percent: 0, rows: 0, counts, unknown }
}

const COUNTED = { total: 48, counts: { complete: 40 }, unknown: 8, percent: 83.333, rows: 99 }

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
    expect(lines.slice(-3)).toEqual([
      '46 objects: 2 complete, 1 missing, 43 unknown; 1,234 rows; 4.347 % complete',
      '1 missing: not there',
      '',
    ])
  })

  it('asks for one coin at one interval', async () => {
    const { asked } = await show(coverage(), '--coins', 'BTC', '--intervals', '1m')
    expect(asked[0]).toContain('&coins=BTC&intervals=1m&from=')
  })

  it('is a coin × day grid of many coins, a month each, the worst of a day in its cell', async () => {
    const sums = { total: 72, counts: {}, unknown: 72, percent: 0, rows: 0 }
    const series = [
      {
        series: 'BTC',
        ...sums,
        days: [
          day('2025-01-30', { complete: 24 }),
          day('2025-01-31', { complete: 22, missing: 1, corrupt: 1 }),
          day('2025-02-01', { complete: 23 }, 1),
        ],
      },
    ]
    const { lines, asked } = await show(
      coverage({ coins: ['BTC', 'ETH'], days: undefined, series }),
      '--coins',
      'BTC,ETH',
    )
    expect(asked[0]).toMatch(/&to=2025-01-03&by=coin-day$/)
    expect(lines.slice(0, 6)).toEqual([
      '2025-01  1   5    10   15   20   25   30',
      `BTC      ${' '.repeat(29)}█!`,
      '',
      '2025-02  1   5    10   15   20   25   30',
      'BTC      -',
      '',
    ])
  })

  it.each([
    ['day', { days: [{ day: '2025-01-01', ...COUNTED }] }],
    ['hour', { days: undefined, hours: [{ hour: '2025-01-01T01', ...COUNTED }] }],
    ['coin', { days: undefined, series: [{ series: 'kPEPE', ...COUNTED }] }],
  ])('is a table by %s', async (by, parts) => {
    const { lines, asked } = await show(coverage(parts), '--coins', 'BTC', '--by', by)
    expect(asked[0]).toContain(by === 'day' ? 'detail=partitions' : `by=${by}`)
    expect(lines[0]).toMatch(new RegExp(`^${by.toUpperCase()} +SETTLED +COMPLETE +ROWS +OBJECTS$`))
    expect(lines[1]).toMatch(/^(2025\S+|kPEPE) +40\/48 +83\.333 % +99 +40 complete$/)
  })

  it.each([
    ['4.3', 0],
    ['4.35', 3],
    ['99.9', 3],
    ['0', 0],
  ])('--fail-under %s ends with %i, whatever is printed', async (percent, code) => {
    const run = await show(coverage(), '--coins', 'BTC', '--json', '--fail-under', percent)
    expect(run.code).toBe(code)
    expect(JSON.parse(run.stdout)).toEqual(coverage())
    expect(run.stderr).toBe(code === 0 ? '' : `4.347 % is complete, less than ${percent} %\n`)
  })

  it.each(['101', '-1', 'all', '99,9'])('--fail-under %s is refused', async (percent) => {
    const run = await show(coverage(), '--coins', 'BTC', `--fail-under=${percent}`)
    expect(run).toMatchObject({ code: 2, stdout: '', asked: [] })
  })

  it('--json is the body of the API as one line', async () => {
    const { stdout } = await show(coverage(), '--coins', 'BTC', '--json')
    expect(JSON.parse(stdout)).toEqual(coverage())
    expect(stdout.trim()).not.toContain('\n')
  })
})
