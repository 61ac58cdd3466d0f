import { HOUR_MS, DAY_MS } from '@backtide/core/range'
import { startBacktide, type Backtide } from '../backtide.ts'
import type { Finding } from '../finding.ts'
import { partOf, type Input } from '../input/archive.ts'
import { LAYOUTS, type Layout } from '../layout.ts'
import type { Options } from '../options.ts'
import type { Place } from '../place.ts'
import { writtenBytes } from '../process-facts.ts'
import { requestFor } from '../request.ts'
import { readRowCounters } from '../row-counters.ts'
import { expectRows, forgetAll, untilApplied } from '../tables.ts'
import { AMPLIFICATION_INPUT } from './inputs.ts'

/** How often QuestDB writes a row that was sent once, by the order in which Backtide loads. */
export async function measureAmplification(place: Place, options: Options): Promise<Finding> {
  const input = await place.archive.fill(AMPLIFICATION_INPUT(options))
  await using backtide = await startBacktide(place)
  const measures = {
    'ascending, 2 days': await ascending(place, backtide, input),
    'newest day first': await newestFirst(place, backtide, input),
    'a late coin in a full day': await lateCoin(place, backtide, input),
    'one late object in a full day': await lateObject(place, backtide, input),
  }
  const all = Object.entries(measures)
  const { books, coins } = input
  const title = `Write amplification, arrays: 2 days × ${coins.length} coins, ${books} books`
  const rows = all.map(([name, one]) => ({ name, unit: '× rows sent', values: [one.rows] }))
  const table = all.map(([name, one]) => ({ name, unit: '× rows there', values: [one.table] }))
  const bytes = all.map(([name, one]) => ({ name, unit: 'MB to disk', values: [one.megabytes] }))
  const steady = [measures['ascending, 2 days'], measures['newest day first']]
  const writeAmplification = Math.max(...steady.map((one) => one.rows))
  return {
    sections: [{ title, lines: [...rows, ...table, ...bytes] }],
    summary: { writeAmplification },
  }
}

async function ascending(place: Place, backtide: Backtide, input: Input): Promise<Written> {
  await forgetAll(place.store)
  return await measure(place, input, () => load(backtide, input))
}

async function newestFirst(place: Place, backtide: Backtide, input: Input): Promise<Written> {
  await forgetAll(place.store)
  return await measure(place, input, () => load(backtide, input, 'newest-first'))
}

async function lateCoin(place: Place, backtide: Backtide, input: Input): Promise<Written> {
  const day = firstDay(input)
  const { coins, range } = day
  await forgetAll(place.store)
  await load(backtide, partOf(day, coins.slice(1), range))
  const late = partOf(day, coins.slice(0, 1), range)
  return await measure(place, day, () => load(backtide, late))
}

async function lateObject(place: Place, backtide: Backtide, input: Input): Promise<Written> {
  const day = firstDay(input)
  const { coins, range } = day
  const noon = { from: range.from + 12 * HOUR_MS, to: range.from + 13 * HOUR_MS }
  await forgetAll(place.store)
  await load(backtide, partOf(day, coins, { from: range.from, to: noon.from }))
  await load(backtide, partOf(day, coins, { from: noon.to, to: range.to }))
  await load(backtide, partOf(day, coins.slice(1), noon))
  const late = partOf(day, coins.slice(0, 1), noon)
  return await measure(place, day, () => load(backtide, late))
}

function firstDay(input: Input): Input {
  const { from } = input.range
  return partOf(input, input.coins, { from, to: from + DAY_MS })
}

async function load(backtide: Backtide, part: Input, order = 'oldest-first'): Promise<void> {
  await backtide.backfill(requestFor(LAYOUT, part, order), part.books)
}

interface Written {
  /** Rows written to tables by row sent. */
  readonly rows: number
  /** Rows written to tables by row that the days hold in the end: 1 is each day once. */
  readonly table: number
  readonly megabytes: number
}

/** Measures a load that leaves the table with exactly the rows of an input. */
async function measure(
  { store, questdb }: Place,
  { books }: Input,
  run: () => Promise<void>,
): Promise<Written> {
  const { name } = LAYOUT.dataset.table
  const pid = questdb.process.pid ?? 0
  const before = { ...(await readRowCounters(questdb)), bytes: writtenBytes(pid) }
  await run()
  await untilApplied(store, name)
  const after = { ...(await readRowCounters(questdb)), bytes: writtenBytes(pid) }
  await expectRows(store, name, books)
  const written = after.physical - before.physical
  return {
    rows: written / (after.logical - before.logical),
    table: written / books,
    megabytes: (after.bytes - before.bytes) / 1e6,
  }
}

const LAYOUT = LAYOUTS[0] as Layout
