import { GAP_CAUSES } from '@backtide/core/gap'
import { DAY_MS, HOUR_MS, type Range } from '@backtide/core/range'
import { partitionStanding } from '@backtide/store/ledger/partition-standing'
import { sql, type Statement } from '@backtide/store/sql'
import type { Finding } from '../finding.ts'
import type { Options } from '../options.ts'
import type { Place } from '../place.ts'
import { untilApplied } from '../tables.ts'

/** Coins of the hours, and of the days: 1.5 million objects together. */
const HOURLY_COINS = 136
const DAILY_COINS = 170

const YEAR: Range = { from: Date.UTC(2024, 0, 1), to: Date.UTC(2025, 0, 1) }
const DAY: Range = { from: YEAR.from + 64 * DAY_MS, to: YEAR.from + 65 * DAY_MS }
const FIVE_YEARS: Range = { from: Date.UTC(2020, 0, 1), to: YEAR.to }

const JUDGE = { now: YEAR.to + DAY_MS, versions: [{ versions: [1] }] }

/** Readers at once, and how often each asks. */
const READERS = 50
const ASKS = 4

/** Coverage and gaps over a ledger of 1.5 million objects, which QuestDB makes up. */
export async function measureCoverage(place: Place, { runs }: Options): Promise<Finding> {
  const { store } = place
  await fill(place)
  const hourly = { dataset: 'bench.hourly', symbols: coinsOf(HOURLY_COINS) }
  const daily = { dataset: 'bench.daily', symbols: coinsOf(DAILY_COINS) }
  const gaps = (range: Range) =>
    store.findGaps({
      ...hourly,
      range,
      partitionLength: HOUR_MS,
      causes: GAP_CAUSES,
      atLeast: 0,
      ...JUDGE,
      limit: 1_001,
    })
  const byDay = await time(runs, () => store.coverLedger({ ...hourly, range: YEAR }, 'day'))
  const yearGaps = await time(runs, () => gaps(YEAR))
  const five = { ...daily, range: FIVE_YEARS }
  const lines = [
    { name: `a year of ${HOURLY_COINS} coins by day`, unit: 'ms', values: byDay },
    {
      name: 'the same by coin and day',
      unit: 'ms',
      values: await time(runs, () => store.coverLedger({ ...hourly, range: YEAR }, 'coin-day')),
    },
    {
      name: 'a day by hour',
      unit: 'ms',
      values: await time(runs, () => store.coverLedger({ ...hourly, range: DAY }, 'hour')),
    },
    {
      name: 'five years, four at once',
      unit: 'ms',
      values: await time(runs, () =>
        Promise.all(Array.from({ length: 4 }, () => store.coverLedger(five, 'day'))),
      ),
    },
    { name: 'gaps of a year, a page of 1,000', unit: 'ms', values: yearGaps },
    {
      name: `what is due of a year of ${HOURLY_COINS} coins, for a turn`,
      unit: 'ms',
      values: await time(runs, () =>
        partitionStanding(store.db, { ...hourly, range: YEAR }, JUDGE),
      ),
    },
    { name: 'gaps of a day', unit: 'ms', values: await time(runs, () => gaps(DAY)) },
    { name: `a day by hour, ${READERS} readers, p99`, unit: 'ms', values: [await readers(place)] },
  ]
  const summary = { coverageMs: Math.max(...byDay), gapsMs: Math.max(...yearGaps) }
  return { sections: [{ title: 'Coverage of 1.5 million objects', lines }], summary }
}

async function readers({ store }: Place): Promise<number> {
  const times: number[] = []
  const scope = { dataset: 'bench.hourly', symbols: coinsOf(HOURLY_COINS), range: DAY }
  const read = async () => {
    for (let ask = 0; ask < ASKS; ask += 1) {
      times.push(...(await time(0, () => store.coverLedger(scope, 'hour'))))
    }
  }
  await Promise.all(Array.from({ length: READERS }, read))
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0
}

/** Milliseconds of each run, after a warm-up that is not counted; the one of no runs is. */
async function time(runs: number, read: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = []
  for (let run = 0; run <= runs; run += 1) {
    const start = performance.now()
    await read()
    times.push(performance.now() - start)
  }
  return runs === 0 ? times : times.slice(1)
}

function coinsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, coin) => `C${coin}`).toSorted()
}

/** Outages of coins and of hours, single broken objects, and what nobody has asked for. */
async function fill({ store }: Place): Promise<void> {
  const hours = (YEAR.to - YEAR.from) / HOUR_MS
  const days = (FIVE_YEARS.to - FIVE_YEARS.from) / DAY_MS
  await insert(
    { store },
    {
      dataset: 'bench.hourly',
      at: sql`dateadd('h', nth::int, '2024-01-01T00:00:00Z'::timestamp)`,
      state: sql`CASE WHEN nth % 97 = 5 AND coin % 3 = 0 THEN 'missing'
        WHEN (nth * 31 + coin) % 4999 = 0 THEN 'corrupt' ELSE 'complete' END`,
      coins: HOURLY_COINS,
      rows: hours * HOURLY_COINS,
    },
  )
  await insert(
    { store },
    {
      dataset: 'bench.daily',
      at: sql`dateadd('d', nth::int, '2020-01-01T00:00:00Z'::timestamp)`,
      state: sql`CASE WHEN (nth + coin) % 50 = 0 THEN 'missing' ELSE 'complete' END`,
      coins: DAILY_COINS,
      rows: days * DAILY_COINS,
    },
  )
  await untilApplied(store, 'ledger')
}

interface Made {
  readonly dataset: string
  readonly at: Statement
  readonly state: Statement
  readonly coins: number
  readonly rows: number
}

async function insert({ store }: Pick<Place, 'store'>, made: Made): Promise<void> {
  const { dataset, at, state, coins, rows } = made
  await store.db.query(
    sql`INSERT INTO ledger (partition_ts, dataset, object, symbol, state, reason, backfill_id,
        decoder_version, etag, size, content_hash, rows_distinct, checked_at)
      SELECT ${at}, ${dataset}, concat(${dataset}, nth, '/', coin), concat('C', coin), ${state},
        'made up', 'bench', 1, 'e', 1000, 'c', 10, '2025-01-01T00:00:00Z'::timestamp
      FROM (SELECT (x - 1) / ${coins} nth, (x - 1) % ${coins} coin FROM long_sequence(${rows}))
      WHERE NOT (nth % 501 < 3 AND coin % 5 = 1)`,
  )
}
