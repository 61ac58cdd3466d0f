import type { DayParts } from '@backtide/core/derived'
import { PART, SEAM } from '@backtide/core/table'
import type { Dataset } from '../dataset.ts'
import { clampRange } from '@backtide/core/partition'
import { HOUR_MS, type Range } from '@backtide/core/range'

/** An instant (UTC milliseconds) as SQL: a text literal, so that it bounds what is read. */
export function stamp(ms: number): string {
  return `'${new Date(ms).toISOString()}'`
}

/** Condition: a time lies in one of some ranges. */
export function within(ranges: readonly Range[], column = 'ts'): string {
  if (ranges.length === 0) return 'false'
  const terms = ranges.map(
    ({ from, to }) => `(${column} >= ${stamp(from)} AND ${column} < ${stamp(to)})`,
  )
  return terms.length === 1 ? (terms[0] ?? 'false') : `(${terms.join(' OR ')})`
}

/** The parts of a day in which the rows of a base whose objects hold all symbols were read back. */
export function readRanges({ day, bases }: DayParts, dataset: string): readonly Range[] {
  return inside(bases.get(dataset)?.[0]?.read ?? [], day)
}

/**
 * The rows of a dataset that a day is made of: those in it whose object was read back, whether it is of the
 * day or of the one next to it.
 */
export function rowsOf(
  { day, bases }: DayParts,
  { id, table, granularity, constants }: Dataset,
): string {
  const unit = granularity === 'hour' ? 'h' : 'd'
  const own = Object.entries(constants).map(([column, value]) => `${column} = '${value}'`)
  // As `readSeam` reads it; a row moved by so many partitions lies in that of its object.
  const partitions = `(${SEAM} - ${PART} * floor((${SEAM} + ${PART / 2}) / ${PART}.0))::int`
  const at = `CASE WHEN ${SEAM} = 0 THEN ts ELSE dateadd('${unit}', ${partitions}, ts) END`
  const terms = [
    ...own,
    table.view.where,
    within([day]),
    within(bases.get(id)?.[0]?.read ?? [], at),
  ]
  return `FROM ${table.name} WHERE ${terms.join(' AND ')}`
}

/** Hours of a day that such a base has whole: 24 of a whole day. */
export function completeHours({ day, bases }: DayParts, dataset: string): number {
  const ranges = inside(bases.get(dataset)?.[0]?.complete ?? [], day)
  return ranges.reduce((sum, { from, to }) => sum + (to - from) / HOUR_MS, 0)
}

/** What of some ranges lies in another. */
export function inside(ranges: readonly Range[], outer: Range): readonly Range[] {
  return ranges.map((range) => clampRange(range, outer)).filter(({ from, to }) => from < to)
}

/** Condition: a row of a derived table is of a day. */
export function ofDay({ day }: DayParts): string {
  return within([day])
}
