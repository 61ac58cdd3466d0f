import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import {
  candleFile,
  candleKey,
  candleRows,
  candlesOf,
  expectedCandles,
  type Candle,
} from '../helpers/candles.ts'
import { openFileHost, type FileHost } from '../helpers/file-host.ts'
import { ownServers } from '../helpers/servers.ts'
import { runCli, serveApp } from '../unit/cli/run-cli.ts'

const servers = ownServers(import.meta.filename)
const DATASET = 'binance.klines'
/** The last day of files in milliseconds and the first one of files in microseconds. */
const DAYS = ['2024-12-31', '2025-01-01']
const RANGE = { from: '2024-12-31', to: '2025-01-02' }

let backtide: Backtide
let host: FileHost
let worker: AsyncDisposable
let api: Awaited<ReturnType<typeof serveApp>>

beforeAll(async () => {
  host = await openFileHost()
  backtide = await openBacktide(servers)
  worker = await startWorker(servers, {
    sources: { 'binance-files': { baseUrl: `${host.url}/data` } },
  })
  api = await serveApp(backtide.app)
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await Promise.all([host, backtide, api].map((one) => one[Symbol.asyncDispose]()))
})

/** Puts the files of some coins and intervals of both days; returns all their candles. */
function put(coins: readonly string[], intervals: readonly string[], seed = 1): Candle[] {
  return coins.flatMap((coin) =>
    intervals.flatMap((interval) =>
      DAYS.flatMap((day) => putCandles(day, candlesOf(`${coin} ${interval}`, day, seed))),
    ),
  )
}

function putCandles(day: string, candles: readonly Candle[]): readonly Candle[] {
  const key = candleKey(candles[0]?.series ?? '', day)
  host.putSummed(`/data/${key}`, candleFile(candles))
  return candles
}

async function load(coins: readonly string[], intervals: readonly string[], reprocess?: string) {
  const body = { dataset: DATASET, coins, intervals, ...RANGE, ...(reprocess && { reprocess }) }
  return await backtide.ended(await backtide.start(body))
}

async function cli(...args: string[]) {
  const run = await runCli(args, { api: api.address })
  expect(run.code, run.stderr).toBe(0)
  return run.stdout
}

const SPAN = ['--from', RANGE.from, '--to', RANGE.to]

/** State and last backfill of each object, by partition and series. */
async function objectsOf(id: string): Promise<Record<string, readonly [string, string]>> {
  const response = await backtide.call('GET', `/backfills/${id}/partitions`)
  const { partitions } = (await response.json()) as {
    partitions: { partition: string; series: string; state: string; backfillId: string }[]
  }
  return Object.fromEntries(
    partitions.map((one) => [`${one.partition} ${one.series}`, [one.state, one.backfillId]]),
  )
}

async function coverageOf(coins: string, intervals: string, more: Record<string, string> = {}) {
  const query = new URLSearchParams({ dataset: DATASET, coins, intervals, ...RANGE, ...more })
  const response = await backtide.call('GET', `/coverage?${query.toString()}`)
  return await response.json()
}

it('loads coins at intervals over the change of units, and lists them by series', async () => {
  const coins = ['BTCUSDT', 'ETHUSDT']
  const candles = put(coins, ['1m', '1h'])
  const status = await load(coins, ['1m', '1h'])
  expect(status).toMatchObject({ state: 'complete', total: 8, counts: { complete: 8 } })
  expect(await candleRows(backtide.store, coins)).toEqual(expectedCandles(candles))

  const objects = await objectsOf(status.id)
  expect(objects).toEqual(
    Object.fromEntries(
      DAYS.flatMap((day) =>
        coins.flatMap((coin) =>
          ['1h', '1m'].map((interval) => [`${day} ${coin} ${interval}`, ['complete', status.id]]),
        ),
      ),
    ),
  )
  expect(await coverageOf('BTCUSDT', '1m', { detail: 'partitions' })).toMatchObject({
    coins: ['BTCUSDT'],
    intervals: ['1m'],
    total: 2,
    counts: { complete: 2 },
    rows: 2 * 1440,
    days: [{ states: ['complete'] }, { states: ['complete'] }],
  })
  expect(await coverageOf('BTCUSDT', '1m,5m')).toMatchObject({ total: 4, unknown: 2, rows: 2880 })
})

it('loads nothing again when another interval is asked for, by the command line', async () => {
  const candles = put(['SOLUSDT'], ['1h', '5m'])
  const coins = ['--coins', 'SOLUSDT']
  await cli('backfill', DATASET, ...coins, '--intervals', '1h', ...SPAN, '--wait')
  expect(await candleRows(backtide.store, ['SOLUSDT'])).toHaveLength(48)
  const shown = await cli(
    'backfill',
    DATASET,
    ...coins,
    '--intervals',
    '1h,5m',
    ...SPAN,
    '--wait',
    '--json',
  )
  const { id } = JSON.parse(shown) as { id: string }
  const owners = Object.entries(await objectsOf(id)).map(([series, [, owner]]) => [
    series,
    owner === id,
  ])
  expect(Object.fromEntries(owners)).toEqual({
    '2024-12-31 SOLUSDT 1h': false,
    '2024-12-31 SOLUSDT 5m': true,
    '2025-01-01 SOLUSDT 1h': false,
    '2025-01-01 SOLUSDT 5m': true,
  })
  expect(await candleRows(backtide.store, ['SOLUSDT'])).toEqual(expectedCandles(candles))
})

it('forgets one interval and not the others, and loads it again', async () => {
  const candles = put(['XRPUSDT'], ['5m', '1h'])
  await load(['XRPUSDT'], ['5m', '1h'])
  const args = ['--coins', 'XRPUSDT', '--intervals', '5m', '--yes', '--json']
  const forgotten = JSON.parse(await cli('reset', DATASET, ...SPAN, ...args)) as object
  expect(forgotten).toMatchObject({ reset: 2, complete: 2 })
  expect(await coverageOf('XRPUSDT', '5m')).toMatchObject({ counts: { reset: 2 } })
  expect(await coverageOf('XRPUSDT', '1h')).toMatchObject({ counts: { complete: 2 } })
  const { id } = await load(['XRPUSDT'], ['5m', '1h'])
  const again = Object.values(await objectsOf(id)).filter(([, owner]) => owner === id)
  expect(again).toHaveLength(2)
  expect(await candleRows(backtide.store, ['XRPUSDT'])).toEqual(expectedCandles(candles))
})

it('takes what was replaced in the archive, and leaves the other interval alone', async () => {
  put(['ADAUSDT'], ['5m'])
  const hours = put(['ADAUSDT'], ['1h'])
  const first = await load(['ADAUSDT'], ['5m', '1h'])
  expect(first.counts).toEqual({ complete: 4 })
  // The last of the day is gone, and the others have other numbers.
  const anew = put(['ADAUSDT'], ['5m'], 2)
  const shorter = candlesOf('ADAUSDT 5m', '2025-01-01', 3).slice(0, -1)
  putCandles('2025-01-01', shorter)
  const second = await load(['ADAUSDT'], ['5m', '1h'], 'changed')
  expect(second.counts).toEqual({ complete: 3, degraded: 1 })
  const expected = [...hours, ...anew.slice(0, 288), ...shorter]
  expect(await candleRows(backtide.store, ['ADAUSDT'])).toEqual(expectedCandles(expected))
  const objects = await objectsOf(second.id)
  const ofHours = Object.entries(objects).filter(([series]) => series.endsWith('1h'))
  expect(ofHours.map(([, [state]]) => state)).toEqual(['complete', 'complete'])
})

it('counts what venues leave out: a missing file, a gap of an hour, a day that begins late', async () => {
  const whole = candlesOf('DOTUSDT 1m', '2024-12-31')
  const gap = [...whole.slice(0, 600), ...whole.slice(660)]
  putCandles('2024-12-31', gap)
  const late = candlesOf('DOTUSDT 1m', '2025-01-01').slice(240)
  putCandles('2025-01-01', late)
  const status = await load(['DOTUSDT'], ['1m', '1h'])
  expect(status).toMatchObject({ counts: { complete: 1, degraded: 1, missing: 2 } })
  const range = { from: Date.UTC(2024, 11, 31), to: Date.UTC(2025, 0, 2) }
  const scope = { dataset: DATASET, symbols: ['DOTUSDT 1m'], range, limit: 10 }
  const [eve, day] = await backtide.store.listLedger(scope)
  expect(eve).toMatchObject({ symbol: 'DOTUSDT 1m', state: 'complete', warnings: 60, rows: 1380 })
  expect(day).toMatchObject({ state: 'degraded', warnings: 240, rows: 1200 })
  expect(day?.reason).toContain('short: the first row is of 2025-01-01T04:00:00.000Z')
  expect(await candleRows(backtide.store, ['DOTUSDT'])).toEqual(expectedCandles([...gap, ...late]))
})
