import { startBacktide } from '../backtide.ts'
import type { Finding } from '../finding.ts'
import { partOf } from '../input/archive.ts'
import { LAYOUTS, type Layout } from '../layout.ts'
import type { Place } from '../place.ts'
import { requestFor } from '../request.ts'
import { readRowCounters } from '../row-counters.ts'
import { expectRows, forgetAll, untilApplied } from '../tables.ts'
import { LATE_DAY_INPUT } from './inputs.ts'

/**
 * A whole day of many coins that comes after another coin's: it is merged into what is there, in as few
 * transactions as memory and checkpoints allow.
 */
export async function measureLateDay(place: Place): Promise<Finding> {
  const input = await place.archive.fill(LATE_DAY_INPUT)
  const { dataset } = LAYOUT
  const [first = '', ...rest] = input.coins
  const early = partOf(input, [first], input.range)
  const late = partOf(input, rest, input.range)
  await forgetAll(place.store)
  await using backtide = await startBacktide(place)
  await backtide.backfill(requestFor(LAYOUT, early), early.books)
  await untilApplied(place.store, dataset.table.name)
  const before = await readRowCounters(place.questdb)
  const seconds = await backtide.backfill(requestFor(LAYOUT, late), late.books)
  await untilApplied(place.store, dataset.table.name)
  const after = await readRowCounters(place.questdb)
  const peak = backtide.peakMemoryMb()
  await expectRows(place.store, dataset.table.name, input.books)
  const rewritten = (after.physical - before.physical) / input.books
  const title = `A late day, arrays: ${rest.length} coins × 24 hours, ${late.books} books`
  const lines = [
    { name: 'peak of the worker process', unit: 'MB', values: [peak] },
    { name: 'rows written by rows of the day', unit: '×', values: [rewritten] },
    { name: 'whole backfill', unit: 's', values: [seconds] },
  ]
  return {
    sections: [{ title, lines }],
    summary: { lateDayPeakMB: peak, lateDayRewritten: rewritten },
  }
}

const LAYOUT = LAYOUTS[0] as Layout
