import { DEAD, DEAD_STATES, SEAM } from '@backtide/core/table'
import type { Range } from '@backtide/core/range'
import type { QuestDb } from './questdb.ts'
import { identifier, instant, joined, micros, sql, trusted, type Statement } from './sql.ts'

/** A table, and which of its rows are a dataset's. */
export interface RowSource {
  readonly table: string
  readonly symbolColumn: string
  /** Columns that are the same in all rows of the dataset. */
  readonly constants: Readonly<Record<string, string>>
  /** Integer expression over a row. */
  readonly checksum: string
  /** Length of the dataset's partitions, milliseconds. */
  readonly partitionMs: number
  /** How far rows lie outside of their object's partition at most, milliseconds. */
  readonly reachMs: number
}

/** Rows of one symbol that came from the object of one partition, ghosts left out. */
export interface OwnedRows {
  readonly symbol: string
  /** Start of that partition, UTC milliseconds. */
  readonly partition: number
  readonly rows: number
  /** UTC microseconds. */
  readonly minTs: number
  readonly maxTs: number
  /** Sum of the checksum over the rows. */
  readonly check: number
}

/** Whose rows to look at: of some symbols, or of all. */
export interface Owners {
  readonly symbols: readonly string[] | undefined
  /** Partitions of their objects. */
  readonly partitions: Range
}

/**
 * What the table holds of the objects of some partitions, by symbol and partition: one query, as every
 * row says whose it is. Partitions next to those asked for may come along, in part.
 */
export async function readOwned(
  db: QuestDb,
  source: RowSource,
  { symbols, partitions: { from, to } }: Owners,
  signal?: AbortSignal,
): Promise<readonly OwnedRows[]> {
  const { reachMs } = source
  const inside = sumOf(source, symbols, sql`ts >= ${instant(from)} AND ts < ${instant(to)}`)
  const early = sumOf(
    source,
    symbols,
    sql`ts >= ${instant(from - reachMs)} AND ts < ${instant(from)} AND ${trusted(SEAM)} > 0`,
  )
  const late = sumOf(
    source,
    symbols,
    sql`ts >= ${instant(to)} AND ts < ${instant(to + reachMs)} AND ${trusted(SEAM)} < 0`,
  )
  const rows = await db.query(sql`${inside} UNION ALL ${early} UNION ALL ${late}`, signal)
  return merge(
    rows.map(([symbol, base, seam, count, min, max, check]) => ({
      symbol: String(symbol),
      partition: Date.parse(String(base)) + Number(seam) * source.partitionMs,
      rows: Number(count),
      minTs: Number(min),
      maxTs: Number(max),
      check: Number(check),
    })),
  )
}

/** Rows of one object by timestamp, ascending: to say what is wrong with them. */
export async function readOwnedByTimestamp(
  db: QuestDb,
  source: RowSource,
  owner: { readonly symbol: string; readonly partition: number },
  signal?: AbortSignal,
): Promise<readonly FoundAt[]> {
  const rows = await db.query(
    sql`SELECT ts::long at, count(), sum(${trusted(source.checksum)})
      FROM ${identifier(source.table)} WHERE ${ownedBy(source, owner.partition, [owner.symbol])}
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

/** The `WHERE` terms for the rows of the objects of one partition, ghosts left out. */
export function ownedBy(
  source: RowSource,
  partition: number,
  symbols: readonly string[] | undefined,
): Statement {
  const { partitionMs: length, reachMs } = source
  const floor = floorOf(source)
  return sql`ts >= ${instant(partition - reachMs)} AND ts < ${instant(partition + length + reachMs)}
    AND ${ofDataset(source, symbols)} AND ${notGhosts()}
    AND ${floor}::long + ${trusted(SEAM)} * ${length * 1000} = ${partition * 1000}`
}

/** The `WHERE` terms for the rows of some symbols of the dataset, or of all. */
export function ofDataset(
  { symbolColumn, constants }: RowSource,
  symbols: readonly string[] | undefined,
): Statement {
  const terms = Object.entries(constants).map(
    ([column, value]) => sql`${identifier(column)} = ${value}`,
  )
  if (symbols && isShort(symbols)) terms.push(sql`${identifier(symbolColumn)} IN ${symbols}`)
  return terms.length > 0 ? joined(terms, ' AND ') : trusted('true')
}

/** Whether a list fits into the URL of a query three times; else all symbols are read. */
function isShort(symbols: readonly string[]): boolean {
  return encodeURIComponent(symbols.join("', '")).length < 8_000
}

/** The `WHERE` term that leaves ghosts out. */
export function notGhosts(): Statement {
  return trusted(`${DEAD} < ${DEAD_STATES.ghost}`)
}

function sumOf(
  source: RowSource,
  symbols: readonly string[] | undefined,
  when: Statement,
): Statement {
  const symbol = identifier(source.symbolColumn)
  return sql`SELECT ${symbol} s, ${floorOf(source)} base, ${trusted(SEAM)} seam, count() c,
    min(ts)::long mi, max(ts)::long ma, sum(${trusted(source.checksum)}) k
    FROM ${identifier(source.table)} WHERE ${when} AND ${ofDataset(source, symbols)}
    AND ${notGhosts()} GROUP BY s, base, seam`
}

function floorOf({ partitionMs }: RowSource): Statement {
  return trusted(`timestamp_floor('${partitionMs / 3_600_000}h', ts)`)
}

/** Rows of one owner lie on both sides of a bound, and have more than one `seam`. */
function merge(parts: readonly OwnedRows[]): readonly OwnedRows[] {
  const owners = new Map<string, OwnedRows>()
  for (const part of parts) {
    const key = `${part.partition} ${part.symbol}`
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
