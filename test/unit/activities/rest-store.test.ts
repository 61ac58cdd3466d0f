import { createRestObjectStore } from '@backtide/activities/objects/rest/rest-store'
import type { Turns } from '@backtide/activities/objects/rest/turns'
import type { RestSource } from '@backtide/datasets/dataset'
import { infoHistory } from '@backtide/datasets/hyperliquid/info-history'
import { afterEach, expect, it } from 'vitest'
import {
  infoCandles,
  infoFunding,
  openInfoServer,
  type InfoOptions,
  type InfoServer,
} from '../../helpers/info-server.ts'
import { readAll } from '../../helpers/read-object.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const NOW = Date.UTC(2026, 5, 10, 12)
const FROM = Date.UTC(2026, 0, 1)

let server: InfoServer

afterEach(async () => {
  await server[Symbol.asyncDispose]()
})

const HOURS = infoCandles('BTC', '1h', HOUR, FROM, (NOW - FROM) / HOUR + 1)
const WEEKS = infoCandles('BTC', '1w', 7 * DAY, Date.UTC(2024, 11, 30), 80)
const RATES = infoFunding('BTC', FROM, (NOW - FROM) / HOUR)
const RECORDS = new Map([
  ['candleSnapshot BTC 1h', HOURS],
  ['candleSnapshot BTC 1w', WEEKS],
  ['fundingHistory BTC', RATES],
])

async function open(options: Partial<InfoOptions> = {}, now = NOW) {
  server = await openInfoServer({ records: RECORDS, ...options })
  const turns: string[] = []
  const given: Turns = {
    take: async (_, weight) => void turns.push(`take ${weight}`),
    backOff: async (_, ms) => void turns.push(`back off ${ms}`),
  }
  const source: RestSource = { ...infoHistory('candleSnapshot'), baseUrl: server.url }
  const timeouts = { answerMs: 2_000, stallMs: 2_000 }
  const store = createRestObjectStore(source, { turns: given, timeouts, now: () => now })
  return { store, turns }
}

const CANDLES = (day: string) => `candleSnapshot/BTC/1h/${day}`
const FUNDING = (day: string) => `fundingHistory/BTC/${day}`

type Store = Awaited<ReturnType<typeof open>>['store']

async function linesOf(store: Store, key: string): Promise<unknown[]> {
  const opened = await store.open(key, {})
  if (opened.state !== 'found') throw new Error(`${key} is ${opened.state}`)
  const content = (await readAll(opened)).toString()
  return content
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown)
}

function recordsOf(all: typeof HOURS, day: string): object[] {
  const from = Date.parse(day)
  return all.filter(({ at }) => at >= from && at < from + DAY).map(({ record }) => record)
}

it('gives the records of a day, and asks once for all days that one answer can hold', async () => {
  const { store, turns } = await open()
  for (const day of ['2026-06-01', '2026-06-02', '2026-06-09']) {
    expect(await linesOf(store, CANDLES(day))).toEqual(recordsOf(HOURS, day))
  }
  expect(server.asked).toHaveLength(1)
  expect(turns).toEqual([expect.stringMatching(/^take 10\d$/)])
})

it('asks once for what several loads want at the same time', async () => {
  const { store } = await open()
  const days = ['2026-05-01', '2026-05-02', '2026-05-03', '2026-05-04']
  await Promise.all(days.map((day) => linesOf(store, CANDLES(day))))
  expect(server.asked).toHaveLength(1)
})

it('believes no answer that a silent limit may have cut', async () => {
  const { store } = await open({ candlesKept: 500 })
  expect(await linesOf(store, CANDLES('2026-02-14'))).toEqual(recordsOf(HOURS, '2026-02-14'))
  expect(server.asked.length).toBeGreaterThan(4)
})

it('gives funding by the day although an answer ends at 500 without a word', async () => {
  const { store } = await open()
  for (const day of ['2026-01-01', '2026-01-31', '2026-03-01', '2026-06-09']) {
    expect(await linesOf(store, FUNDING(day))).toEqual(recordsOf(RATES, day))
  }
})

it('has no object of a day with a candle that is not final', async () => {
  const { store } = await open()
  expect(await store.open(CANDLES('2026-06-10'), {})).toEqual({ state: 'absent' })
  expect(await store.open('candleSnapshot/BTC/1w/2026-06-08', {})).toEqual({ state: 'absent' })
  expect(await linesOf(store, 'candleSnapshot/BTC/1w/2026-06-01')).toHaveLength(1)
  expect(await linesOf(store, 'candleSnapshot/BTC/1w/2026-06-02')).toEqual([])
})

it('says of days that the venue has dropped that they are absent, not that they are empty', async () => {
  const { store } = await open()
  expect(await store.open('candleSnapshot/BTC/1m/2026-06-01', {})).toEqual({ state: 'absent' })
  expect(server.asked).toEqual([])
})

it('takes an unknown coin for absent only while the venue knows others', async () => {
  const { store } = await open()
  expect(await store.open('candleSnapshot/NOPE/1h/2026-06-01', {})).toEqual({ state: 'absent' })
  server.fate = () => ({ status: 500, body: 'null' })
  await expect(store.open('candleSnapshot/NADA/1h/2026-06-01', {})).rejects.toMatchObject({
    name: 'SourceUnavailableError',
    message: expect.stringContaining('says nothing of anything'),
  })
})

it('gives the same object the same ETag, and says that it is unchanged', async () => {
  const { store } = await open()
  const first = await store.open(CANDLES('2026-06-01'), {})
  expect(first).toMatchObject({ state: 'found', etag: expect.stringMatching(/^[0-9a-f]{64}$/) })
  const { etag } = first as { etag: string }
  expect(await store.open(CANDLES('2026-06-01'), { unlessEtag: etag })).toEqual({
    state: 'unchanged',
  })
  expect(await store.open(CANDLES('2026-06-02'), { unlessEtag: etag })).toMatchObject({
    state: 'found',
  })
})

it('sorts what came out of order and keeps what came twice for the decoder to judge', async () => {
  const { store } = await open()
  const day = recordsOf(HOURS, '2026-06-01')
  const mixed = [...day.toReversed(), day[3] ?? {}]
  server.fate = () => ({ status: 200, body: JSON.stringify(mixed) })
  const lines = (await linesOf(store, CANDLES('2026-06-01'))) as { t: number }[]
  expect(lines.map(({ t }) => t)).toEqual(lines.map(({ t }) => t).toSorted((a, b) => a - b))
  expect(lines).toHaveLength(25)
})

it('takes of an answer that overlaps what was asked for only that', async () => {
  const { store } = await open()
  server.fate = () => ({
    status: 200,
    body: JSON.stringify(HOURS.map(({ record }) => record).slice(1)),
  })
  for (const day of ['2026-05-31', '2026-06-01', '2026-06-02']) {
    expect(await linesOf(store, CANDLES(day))).toEqual(recordsOf(HOURS, day))
  }
})

it('gives up on 500 records however short the time that is asked for', async () => {
  const { store } = await open()
  const record = recordsOf(HOURS, '2026-06-01')[0] ?? {}
  const body = JSON.stringify(Array.from({ length: 500 }, () => record))
  server.fate = () => ({ status: 200, body })
  await expect(store.open(CANDLES('2026-06-01'), {})).rejects.toMatchObject({
    name: 'SourceUnavailableError',
    message: expect.stringContaining('500 records of a second'),
  })
})

it.each([
  ['HTML with status 200', { status: 200, body: '<html>busy</html>' }],
  ['an object where records belong', { status: 200, body: '{"error":"busy"}' }],
  ['records of something else', { status: 200, body: '[{"coin":"BTC"}]' }],
  [
    'a page of another time, again and again',
    { status: 200, body: JSON.stringify(recordsOf(HOURS, '2026-01-02')) },
  ],
  ['an answer that breaks off', 'cut' as const],
  ['a server that is not well', { status: 502, body: 'bad gateway' }],
])('takes %s for weather, not for an answer', async (_, fate) => {
  const { store } = await open()
  server.fate = () => fate
  await expect(store.open(CANDLES('2026-06-05'), {})).rejects.toMatchObject({
    name: 'SourceUnavailableError',
  })
})

it('leaves the venue alone when it says so, for as long as it says', async () => {
  const { store, turns } = await open()
  let told = 0
  server.fate = () =>
    told++ < 1 ? { status: 429, body: 'null', headers: { 'retry-after': '7' } } : undefined
  expect(await linesOf(store, CANDLES('2026-06-01'))).toHaveLength(24)
  expect(turns.map((turn) => turn.split(' ')[0])).toEqual(['take', 'back', 'take'])
  expect(turns[1]).toBe('back off 7000')
})

it('tells refused access from a request that nobody can serve', async () => {
  const { store } = await open()
  server.fate = () => ({ status: 403, body: 'not from there' })
  await expect(store.open(CANDLES('2026-06-01'), {})).rejects.toMatchObject({
    name: 'AccessDeniedError',
  })
  server.fate = () => ({ status: 422, body: 'Failed to deserialize' })
  await expect(store.open(CANDLES('2026-06-01'), {})).rejects.toMatchObject({
    name: 'BadSourceError',
  })
  await expect(store.open('elsewhere/BTC', {})).rejects.toMatchObject({ name: 'BadSourceError' })
})
