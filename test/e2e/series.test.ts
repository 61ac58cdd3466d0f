import { dataTable, DEAD_STATES } from '@backtide/core/table'
import { buryRows, countDoubted, doubtRows } from '@backtide/store/dead-rows'
import { ALWAYS_OPEN } from '@backtide/store/fence'
import { readOwned, readOwnedByTimestamp, type Owners } from '@backtide/store/owned-rows'
import { createQuestDb } from '@backtide/store/questdb'
import { ensureTable } from '@backtide/store/schema/ensure-table'
import { findMisplaced, markRows, type SharedSource } from '@backtide/store/shared-records'
import { identifier, sql } from '@backtide/store/sql'
import { waitApplied } from '@backtide/store/wait-applied'
import { beforeAll, describe, expect, it } from 'vitest'
import { hourOf } from '../helpers/archive.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const db = createQuestDb(servers.questdb)
const HOUR_MS = 3_600_000

const TABLE = dataTable({
  name: 'series_test',
  columns: {
    ts: 'TIMESTAMP',
    exchange: 'SYMBOL',
    symbol: 'SYMBOL',
    interval: 'SYMBOL',
    close: 'LONG',
  },
  partitionBy: 'DAY',
  keys: ['ts', 'exchange', 'symbol', 'interval'],
})

const SOURCE: SharedSource = {
  table: TABLE.name,
  seriesColumns: ['symbol', 'interval'],
  constants: { exchange: 'test' },
  checksum: 'close',
  partitionMs: HOUR_MS,
  reachMs: 600_000,
  record: ['ts', 'symbol', 'interval'],
}

beforeAll(() => ensureTable(db, TABLE))

interface Candle {
  readonly series: string
  /** UTC milliseconds. */
  readonly at: number
  readonly close: number
  readonly seam?: number
  readonly exchange?: string
}

async function insert(candles: readonly Candle[]): Promise<void> {
  const lines = candles.map(({ series, at, close, seam = 0, exchange = 'test' }) => {
    const [symbol = '', interval = ''] = series.split(' ')
    const symbols = `exchange=${exchange},symbol=${symbol},interval=${interval}`
    return `${TABLE.name},${symbols} close=${close}i,seam=${seam}i,dead=0i ${at * 1000}t\n`
  })
  await db.send(Buffer.from(lines.join('')))
  await waitApplied(db, TABLE.name)
}

/** An hour of two symbols at two intervals: what each series has is told by its closes. */
async function insertHour(): Promise<number> {
  const hour = hourOf(servers.nextDay(), 5)
  const candle = (series: string, minute: number, close: number): Candle => ({
    series,
    at: hour + minute * 60_000,
    close,
  })
  await insert([
    ...[0, 1, 2, 3].map((minute) => candle('BTC 1m', minute, 1)),
    candle('BTC 5m', 0, 10),
    ...[0, 1].map((minute) => candle('ETH 1m', minute, 100)),
    candle('ETH 5m', 0, 1_000),
    { ...candle('BTC 1m', 0, 9_999), exchange: 'other' },
  ])
  return hour
}

async function owned(hour: number, series: Owners['series']) {
  const partitions = { from: hour, to: hour + HOUR_MS }
  const rows = await readOwned(db, SOURCE, { series, partitions })
  return Object.fromEntries(rows.map((one) => [one.series, [one.rows, one.check]]))
}

async function deadOf(hour: number, dead: number) {
  const rows = await db.query(
    sql`SELECT symbol, interval, count() FROM ${identifier(TABLE.name)}
      WHERE ts IN ${[new Date(hour).toISOString().slice(0, 13)]} AND dead = ${dead}
      GROUP BY symbol, interval ORDER BY symbol, interval`,
  )
  return rows.map(([symbol, interval, count]) => `${symbol} ${interval}: ${count}`)
}

describe('two intervals of one symbol in one table', () => {
  it('are read back apart, by any choice of series', async () => {
    const hour = await insertHour()
    const all = { 'BTC 1m': [4, 4], 'BTC 5m': [1, 10], 'ETH 1m': [2, 200], 'ETH 5m': [1, 1_000] }
    expect(await owned(hour, undefined)).toEqual(all)
    expect(await owned(hour, Object.keys(all))).toEqual(all)
    expect(await owned(hour, ['BTC 5m'])).toEqual({ 'BTC 5m': [1, 10] })
    expect(await owned(hour, ['BTC 1m', 'ETH 5m'])).toEqual({
      'BTC 1m': [4, 4],
      'ETH 5m': [1, 1_000],
    })
    expect(await owned(hour, ['BTC 1m', 'BTC 5m', 'ETH 1m'])).toEqual({
      'BTC 1m': [4, 4],
      'BTC 5m': [1, 10],
      'ETH 1m': [2, 200],
    })
    const times = await readOwnedByTimestamp(db, SOURCE, {
      series: 'BTC 5m',
      partition: hour,
      part: 0,
    })
    expect(times).toEqual([{ ts: hour * 1000, rows: 1, check: 10 }])
  })

  it('are doubted and buried apart', async () => {
    const hour = await insertHour()
    const owner = { partition: hour, part: 0, series: ['BTC 1m', 'ETH 5m'], except: [] }
    await doubtRows(db, SOURCE, owner, ALWAYS_OPEN)
    await waitApplied(db, TABLE.name)
    expect(await deadOf(hour, DEAD_STATES.doubted)).toEqual(['BTC 1m: 4', 'ETH 5m: 1'])

    await insert([{ series: 'BTC 1m', at: hour, close: 1 }])
    const left = new Map([
      ['BTC 1m', 3],
      ['ETH 5m', 1],
    ])
    expect(await countDoubted(db, SOURCE, owner)).toEqual(left)
    await buryRows(db, SOURCE, { ...owner, series: ['BTC 1m'] }, ALWAYS_OPEN)
    await waitApplied(db, TABLE.name)
    expect(await deadOf(hour, DEAD_STATES.ghost)).toEqual(['BTC 1m: 3'])
    expect(await owned(hour, undefined)).toEqual({
      'BTC 1m': [1, 1],
      'BTC 5m': [1, 10],
      'ETH 1m': [2, 200],
      'ETH 5m': [1, 1_000],
    })
  })

  it('share no record: of each the later object counts', async () => {
    const hour = await insertHour()
    const at = hour + HOUR_MS - 60_000
    await insert([
      { series: 'BTC 1m', at, close: 1 },
      { series: 'BTC 1m', at, close: 2, seam: 1 },
      { series: 'BTC 5m', at, close: 3 },
    ])
    const scope = { series: ['BTC 1m', 'BTC 5m'], range: { from: hour, to: hour + HOUR_MS } }
    const marks = await findMisplaced(db, SOURCE, scope)
    expect(marks.map(({ seam, state }) => ({ seam, state }))).toEqual([
      { seam: 0, state: DEAD_STATES.outlived },
    ])
    await markRows(db, SOURCE, marks, ALWAYS_OPEN)
    await waitApplied(db, TABLE.name)
    expect(await deadOf(hour, DEAD_STATES.outlived)).toEqual(['BTC 1m: 1'])
    expect(await findMisplaced(db, SOURCE, scope)).toEqual([])
  })
})

describe('more series than a statement can name', () => {
  it('are doubted, and no others', async () => {
    const hour = hourOf(servers.nextDay(), 5)
    const series = Array.from({ length: 3_000 }, (_, index) => `@${index + 10_000} 1m`)
    await insert([...series, 'BTC 1m'].map((one) => ({ series: one, at: hour, close: 1 })))
    const owner = { partition: hour, part: 0, series, except: [] }
    await doubtRows(db, SOURCE, owner, ALWAYS_OPEN)
    await waitApplied(db, TABLE.name)
    expect((await countDoubted(db, SOURCE, owner)).size).toBe(3_000)
    await buryRows(db, SOURCE, owner, ALWAYS_OPEN)
    await waitApplied(db, TABLE.name)
    expect(await owned(hour, series)).toEqual({ 'BTC 1m': [1, 1] })
    expect(await owned(hour, ['BTC 1m'])).toEqual({ 'BTC 1m': [1, 1] })
  })
})
