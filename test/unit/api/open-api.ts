import { dataTable } from '@backtide/core/table'
import { createApp } from '@backtide/api/app'
import type { Deps, Settings } from '@backtide/api/deps'
import { createMetrics } from '@backtide/api/http/metrics'
import { HOUR_MS } from '@backtide/core/range'
import { DEFAULT_TIMING } from '@backtide/core/timing'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Registry } from '@backtide/datasets/registry'
import { pino } from 'pino'
import { createFakeFollows } from './fake-follows.ts'
import { createFakeFeeds } from './fake-feeds.ts'
import { createFakeRuns } from './fake-runs.ts'
import { createFakeStore } from './fake-store.ts'

/** Half past noon: the hour that runs has not ended. */
export const NOW = Date.UTC(2026, 10, 21, 12, 30)

/** A request that is in order: one day of two coins. */
export const REQUEST = {
  dataset: 'test.hourly',
  coins: ['BTC', 'ETH'],
  from: '2025-01-01',
  to: '2025-01-02',
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // Bodies are compared as data; their shape is what the tests are about.
  readonly body: ReturnType<typeof JSON.parse>
}

/** An API over fakes, and ways to talk to it. */
export function openApi(settings: Partial<Settings> = {}, registry: Registry = REGISTRY) {
  let clock = NOW
  const now = (): number => clock
  const store = createFakeStore()
  const runs = createFakeRuns(now)
  const feeds = createFakeFeeds()
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const follows = createFakeFollows(now)
  const deps: Deps = {
    runs,
    follows,
    feeds,
    store,
    registry,
    settings: {
      namespace: 'default',
      temporalUi: 'http://127.0.0.1:8233',
      tempo: DEFAULT_TIMING,
      ...settings,
    },
    now,
    log,
    metrics: createMetrics({ process: false }),
  }
  const app = createApp(deps)
  const send = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await app.request(path, init)
    const text = await readText(response)
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    const body: unknown = isJson ? JSON.parse(text) : text
    return { status: response.status, headers: response.headers, body }
  }
  const sendJson = (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) =>
    send(path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    })
  return {
    app,
    store,
    runs,
    follows,
    feeds,
    lines,
    get: (path: string, headers: Record<string, string> = {}) => send(path, { headers }),
    send,
    post: (path: string, body?: unknown, headers?: Record<string, string>) =>
      sendJson('POST', path, body, headers),
    patch: (path: string, body: unknown) => sendJson('PATCH', path, body),
    /** Moves the clock on. */
    pass: (milliseconds: number) => void (clock += milliseconds),
  }
}

/** The text of an answer; of one without an end, as events are, the first part. */
async function readText(response: Response): Promise<string> {
  if (response.headers.get('content-type') !== 'text/event-stream') return await response.text()
  const reader = response.body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  await reader?.cancel()
  return new TextDecoder().decode(value)
}

export type Api = ReturnType<typeof openApi>

/** Ends a backfill as its workflow would: the table first, then the run. */
export async function finish(
  api: Api,
  id: string,
  outcome: 'complete' | 'incomplete' | 'cancelled',
) {
  const record = api.store.backfills.get(id)
  if (!record) throw new Error(`no backfill ${id}`)
  api.pass(60_000)
  const counts = outcome === 'complete' ? { complete: 48 } : { complete: 40, failed: 8 }
  const status = outcome === 'cancelled' ? 'cancelled' : 'completed'
  api.runs.close(id, status, { outcome, counts, rows: 480 })
  const endedAt = (await api.runs.describe(id))?.closedAt ?? 0
  await api.store.putBackfill({ ...record, ended: { outcome, counts, rows: 480, endedAt } })
  api.pass(1_000)
}

const COMMON = {
  title: 'A dataset of the tests',
  symbolPattern: /^[A-Za-z0-9@:/#]{1,40}$/,
  finalAfterDays: 40,
  table: dataTable({ name: 't', columns: { ts: 'TIMESTAMP' }, partitionBy: 'DAY', keys: ['ts'] }),
  symbolColumn: 'symbol',
  constants: {},
  record: ['ts', 'symbol'],
  reachMs: 0,
  checksum: '0',
  inexact: [],
  formats: [],
} satisfies Partial<Dataset>

function source(kind: string): Dataset['source'] {
  return {
    name: 'test-archive',
    kind: 's3',
    bucket: 'b',
    region: 'us-east-1',
    requesterPays: true,
    objects: (start, series) => [`${kind}/${start}/${series}`],
  }
}

const ALL: readonly Dataset[] = [
  {
    ...COMMON,
    id: 'test.hourly',
    granularity: 'hour',
    symbols: 'named',
    begins: Date.UTC(2023, 3, 15),
    source: source('hourly'),
  },
  {
    ...COMMON,
    id: 'hyperliquid.l2_snapshot',
    granularity: 'hour',
    symbols: 'named',
    begins: Date.UTC(2023, 3, 15),
    source: source('snapshot'),
  },
  {
    ...COMMON,
    id: 'hyperliquid.market_data',
    granularity: 'day',
    symbols: 'all',
    begins: Date.UTC(2023, 4, 20),
    source: source('ctxs'),
  },
  {
    ...COMMON,
    id: 'test.candles',
    granularity: 'hour',
    symbols: 'named',
    intervals: ['1m', '5m', '1h'],
    begins: Date.UTC(2023, 3, 15),
    source: source('candles'),
  },
  {
    ...COMMON,
    id: 'test.halves',
    granularity: 'hour',
    symbols: 'named',
    begins: Date.UTC(2023, 3, 15),
    source: {
      name: 'test-files',
      kind: 'http',
      baseUrl: 'https://files.test/',
      checksums: true,
      objects: (start, series) => ['a', 'b'].map((half) => `${start}/${series}-${half}`),
    },
  },
]

const REGISTRY: Registry = { find: (id) => ALL.find((dataset) => dataset.id === id), all: ALL }

/** Start of an hour of the day that `REQUEST` asks for. */
export function hour(number: number): number {
  return Date.UTC(2025, 0, 1) + number * HOUR_MS
}
