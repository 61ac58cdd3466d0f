import { parseSeries } from '@backtide/core/series'
import { DEAD, DEAD_STATES, PART, SEAM } from '@backtide/core/table'
import type { Row } from './questdb.ts'
import { identifier, instant, joined, micros, sql, trusted, type Statement } from './sql.ts'

/** A table, and which of its rows are a dataset's. */
export interface RowSource {
  readonly table: string
  /** Columns that make a series: the symbol's, and the interval's where the dataset has intervals. */
  readonly seriesColumns: readonly string[]
  /** Columns that are the same in all rows of the dataset. */
  readonly constants: Readonly<Record<string, string>>
  /** Integer expression over a row. */
  readonly checksum: string
  /** Length of the dataset's partitions, milliseconds. */
  readonly partitionMs: number
  /** How far rows lie outside of their object's partition at most, milliseconds. */
  readonly reachMs: number
}

/** An object that rows came from. */
export interface Owner {
  /** Start of its partition, UTC milliseconds. */
  readonly partition: number
  /** How many objects of the same partition and series come before it. */
  readonly part: number
}

/** The `WHERE` terms for the rows of the objects of some series, ghosts left out. */
export function ownedBy(
  source: RowSource,
  { partition, part }: Owner,
  series: readonly string[] | undefined,
): Statement {
  const { partitionMs: length, reachMs } = source
  const floor = floorOf(source)
  return sql`ts >= ${instant(partition - reachMs)} AND ts < ${instant(partition + length + reachMs)}
    AND ${ofDataset(source, series)} AND ${notGhosts()}
    AND ${floor}::long + (${trusted(SEAM)} - ${part * PART}) * ${length * 1000} = ${partition * 1000}`
}

/** The `WHERE` terms for the rows of some series of the dataset, or of all. */
export function ofDataset(
  { seriesColumns, constants }: RowSource,
  series: readonly string[] | undefined,
): Statement {
  const terms = Object.entries(constants).map(
    ([column, value]) => sql`${identifier(column)} = ${value}`,
  )
  if (series) terms.push(inSeries(seriesColumns, series))
  return terms.length > 0 ? joined(terms, ' AND ') : trusted('true')
}

/** Series that a query can name: all, where the list does not fit into its URL three times. */
export function nameable(series: readonly string[] | undefined): readonly string[] | undefined {
  return series && encodeURIComponent(series.join("', '")).length < 8_000 ? series : undefined
}

/** Exactly these series: symbols that have the same intervals together, others on their own. */
function inSeries(
  [symbolColumn = '', intervalColumn]: readonly string[],
  series: readonly string[],
): Statement {
  const symbol = identifier(symbolColumn)
  if (intervalColumn === undefined) return sql`${symbol} IN ${series}`
  const interval = identifier(intervalColumn)
  const terms = [...blocksOf(series)].map(
    ([symbols, intervals]) => sql`(${symbol} IN ${symbols} AND ${interval} IN ${intervals})`,
  )
  return terms.length > 1 ? sql`(${joined(terms, ' OR ')})` : (terms[0] ?? trusted('false'))
}

/** Symbols that have the same intervals, with these. */
function blocksOf(series: readonly string[]): readonly (readonly [string[], string[]])[] {
  const bySymbol = groupBy(
    series.map(parseSeries),
    ({ symbol }) => symbol,
    ({ interval = '' }) => interval,
  )
  const byIntervals = groupBy(
    [...bySymbol],
    ([, intervals]) => intervals.toSorted().join(' '),
    ([symbol]) => symbol,
  )
  return [...byIntervals].map(([intervals, symbols]) => [symbols, intervals.split(' ')])
}

function groupBy<T>(
  all: readonly T[],
  keyOf: (one: T) => string,
  valueOf: (one: T) => string,
): ReadonlyMap<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), valueOf(one)])
  return groups
}

/** The `WHERE` term that leaves ghosts out. */
export function notGhosts(): Statement {
  return trusted(`${DEAD} < ${DEAD_STATES.ghost}`)
}

/** The columns of the series, as a query names them. */
export function seriesList({ seriesColumns }: RowSource): Statement {
  return joined(seriesColumns.map(identifier), ', ')
}

/** The partition that a row's `ts` lies in. */
export function floorOf({ partitionMs }: RowSource): Statement {
  return trusted(`timestamp_floor('${partitionMs / 3_600_000}h', ts)`)
}

/** The series that the first values of a row are the columns of. */
export function seriesOf(row: Row, seriesColumns: readonly string[]): string {
  return row.slice(0, seriesColumns.length).join(' ')
}

/** Closed window of timestamps in UTC microseconds. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** The `WHERE` term that leaves some windows out. */
export function outside(windows: readonly Window[]): Statement {
  const terms = windows.map(
    ({ from, to }) => sql`NOT (ts BETWEEN ${micros(from)} AND ${micros(to)})`,
  )
  return terms.length > 0 ? joined(terms, ' AND ') : trusted('true')
}
