import { LEDGER } from '@backtide/store/ledger/table'
import { createStore } from '@backtide/store/store'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBacktide, type Backtide } from '../helpers/backtide.ts'
import { ownQuestDb, type OwnQuestDb } from '../helpers/own-questdb.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)

const COINS = Array.from({ length: 170 }, (_, index) => `COIN${index}`)
const HOURS = 366 * 24
const OBJECTS = HOURS * COINS.length
const REQUEST = {
  dataset: 'hyperliquid.l2_book',
  coins: COINS,
  from: '2024-01-01',
  to: '2025-01-01',
  confirmed: true,
}

/** What somebody waits for, milliseconds; on a machine where all tests run at once. */
const SOON = 5_000

let questdb: OwnQuestDb
let backtide: Backtide
let id: string

beforeAll(async () => {
  questdb = await ownQuestDb()
  await createStore({ conf: questdb.conf }).ensureTables([])
  await questdb.run(fillLedger())
  backtide = await openBacktide({ ...servers, questdb: questdb.conf })
  id = await backtide.start(REQUEST)
})

afterAll(async () => {
  await backtide.call('POST', `/backfills/${id}/cancel`)
  await backtide[Symbol.asyncDispose]()
  await questdb[Symbol.asyncDispose]()
})

/** A year of hours of all coins: every 97th object is missing, the last hour is not known. */
function fillLedger(): string {
  const columns = 'partition_ts, dataset, object, symbol, state, rows_distinct, size, checked_at'
  const index = `(x - 1) / ${COINS.length}`
  const key = `'market_data/' || to_str(ts, 'yyyyMMdd') || '/' || hour(ts)::string || '/l2Book/'`
  return `INSERT INTO ${LEDGER.name} (${columns})
    SELECT ts, '${REQUEST.dataset}', ${key} || coin || '.lz4', coin,
      CASE WHEN x % 97 = 0 THEN 'missing' ELSE 'complete' END,
      CASE WHEN x % 97 = 0 THEN 0 ELSE 10 END, 1000, '2025-02-01'::timestamp
    FROM (SELECT x, dateadd('h', (${index})::int, '2024-01-01'::timestamp) ts,
      'COIN' || ((x - 1) % ${COINS.length})::string coin
      FROM long_sequence(${OBJECTS - COINS.length}))`
}

/** Answer to a request, and how long it took. */
async function ask(path: string) {
  const began = performance.now()
  const response = await backtide.call('GET', path)
  const text = await response.text()
  const ms = Math.round(performance.now() - began)
  process.stdout.write(`${OBJECTS} objects: ${path.slice(0, 60)} ${ms} ms, ${text.length} bytes\n`)
  expect(response.status).toBe(200)
  expect(ms, path).toBeLessThan(SOON)
  expect(text.length, path).toBeLessThan(600_000)
  return JSON.parse(text)
}

it('a backfill of 1.5 million objects is shown, listed and walked as quickly as a small one', async () => {
  const known = OBJECTS - COINS.length
  const missing = Math.floor(known / 97)
  const counts = { complete: known - missing, missing }
  const status = await ask(`/backfills/${id}`)
  expect(status).toMatchObject({ total: OBJECTS, counts, remaining: COINS.length })

  const { backfills } = await ask('/backfills')
  expect(backfills[0]).toMatchObject({ id, total: OBJECTS })

  const first = await ask(`/backfills/${id}/partitions?limit=1000`)
  expect(first.partitions).toHaveLength(1_000)
  const gaps = await ask(`/backfills/${id}/partitions?state=missing&limit=1000`)
  const more = await ask(`/backfills/${id}/partitions?state=missing&limit=1000&cursor=${gaps.next}`)
  const objects = [...gaps.partitions, ...more.partitions].map((row) => row.object)
  expect(new Set(objects).size).toBe(2_000)

  const queued = await ask(`/backfills/${id}/partitions?state=queued&limit=100`)
  expect(queued.partitions).toEqual([])
  expect(queued.next).not.toBeNull()

  const range = `from=${REQUEST.from}&to=${REQUEST.to}`
  const coverage = await ask(
    `/coverage?dataset=${REQUEST.dataset}&coins=${COINS.join(',')}&${range}`,
  )
  expect(coverage).toMatchObject({ total: OBJECTS, counts, unknown: COINS.length })
  expect(coverage.days).toHaveLength(366)
})
