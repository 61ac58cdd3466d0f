import type { Range } from '@backtide/core/range'
import { parseSeries } from '@backtide/core/series'
import { DEAD, DEAD_STATES, PART, readSeam, SEAM } from '@backtide/core/table'
import type { QuestDb, Row } from './questdb.ts'
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

/** Rows of one series that came from one object, ghosts left out. */
export interface OwnedRows extends Owner {
  readonly series: string
  readonly rows: number
  /** UTC microseconds. */
  readonly minTs: number
  readonly maxTs: number
  /** Sum of the checksum over the rows. */
  readonly check: number
}

/** Whose rows to look at: of some series, or of all. */
export interface Owners {
  readonly series: readonly string[] | undefined
  /** Partitions of their objects. */
  readonly partitions: Range
}

/**
 * What the table holds of the objects of some partitions, by series and partition: one query, as every
 * row says whose it is. Partitions next to those asked for may come along, in part, and other series
 * where too many are asked for.
 */
export async function readOwned(
  db: QuestDb,
  source: RowSource,
  { series: asked, partitions: { from, to } }: Owners,
  signal?: AbortSignal,
): Promise<readonly OwnedRows[]> {
  const { reachMs } = source
  const series = nameable(asked)
  const inside = sumOf(source, series, sql`ts >= ${instant(from)} AND ts < ${instant(to)}`)
  const early = sumOf(
    source,
    series,
    sql`ts >= ${instant(from - reachMs)} AND ts < ${instant(from)} AND ${trusted(SEAM)} != 0`,
  )
  const late = sumOf(
    source,
    series,
    sql`ts >= ${instant(to)} AND ts < ${instant(to + reachMs)} AND ${trusted(SEAM)} != 0`,
  )
  const rows = await db.query(sql`${inside} UNION ALL ${early} UNION ALL ${late}`, signal)
  return merge(rows.map((row) => ownedRows(source, row)))
}

function ownedRows({ seriesColumns, partitionMs }: RowSource, row: Row): OwnedRows {
  const [base, seam, count, min, max, check] = row.slice(seriesColumns.length)
  const { partitions, part } = readSeam(Number(seam))
  return {
    series: seriesOf(row, seriesColumns),
    partition: Date.parse(String(base)) + partitions * partitionMs,
    part,
    rows: Number(count),
    minTs: Number(min),
    maxTs: Number(max),
    check: Number(check),
  }
}

/** The series that the first values of a row are the columns of. */
export function seriesOf(row: Row, seriesColumns: readonly string[]): string {
  return row.slice(0, seriesColumns.length).join(' ')
}

/** Rows of one object by timestamp, ascending: to say what is wrong with them. */
export async function readOwnedByTimestamp(
  db: QuestDb,
  source: RowSource,
  owner: Owner & { readonly series: string },
  signal?: AbortSignal,
): Promise<readonly FoundAt[]> {
  const rows = await db.query(
    sql`SELECT ts::long at, count(), sum(${trusted(source.checksum)})
      FROM ${identifier(source.table)} WHERE ${ownedBy(source, owner, [owner.series])}
      GROUP BY at ORDER BY at`,
    signal,
  )
  return rows.map(([at, count, check]) => ({
    ts: Number(at),
    rows: Number(count),
    check: Number(check),
  }))
}

export interface FoundAt {
  /** UTC microseconds. */
  readonly ts: number
  readonly rows: number
  readonly check: number
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

function sumOf(
  source: RowSource,
  series: readonly string[] | undefined,
  when: Statement,
): Statement {
  const columns = seriesList(source)
  return sql`SELECT ${columns}, ${floorOf(source)} base, ${trusted(SEAM)} seam, count() c,
    min(ts)::long mi, max(ts)::long ma, sum(${trusted(source.checksum)}) k
    FROM ${identifier(source.table)} WHERE ${when} AND ${ofDataset(source, series)}
    AND ${notGhosts()} GROUP BY ${columns}, base, seam`
}

/** The columns of the series, as a query names them. */
export function seriesList({ seriesColumns }: RowSource): Statement {
  return joined(seriesColumns.map(identifier), ', ')
}

function floorOf({ partitionMs }: RowSource): Statement {
  return trusted(`timestamp_floor('${partitionMs / 3_600_000}h', ts)`)
}

/** Rows of one owner lie on both sides of a bound, and have more than one `seam`. */
function merge(parts: readonly OwnedRows[]): readonly OwnedRows[] {
  const owners = new Map<string, OwnedRows>()
  for (const part of parts) {
    const key = `${part.partition} ${part.part} ${part.series}`
    const known = owners.get(key)
    owners.set(key, known ? add(known, part) : part)
  }
  return [...owners.values()]
}

function add(a: OwnedRows, b: OwnedRows): OwnedRows {
  return {
    ...a,
    rows: a.rows + b.rows,
    minTs: Math.min(a.minTs, b.minTs),
    maxTs: Math.max(a.maxTs, b.maxTs),
    check: a.check + b.check,
  }
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
