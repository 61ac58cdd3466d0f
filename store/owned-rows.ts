import { DAY_MS, type Range } from '@backtide/core/range'
import { readSeam, SEAM } from '@backtide/core/table'
import type { QuestDb, Row } from './questdb.ts'
import {
  floorOf,
  nameable,
  notGhosts,
  ofDataset,
  ownedBy,
  seriesList,
  seriesOf,
  type Owner,
  type RowSource,
} from './row-source.ts'
import { identifier, instant, sql, trusted, type Statement } from './sql.ts'

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

/**
 * Whether a table has rows later in the UTC day than an instant (UTC milliseconds), beyond the few that
 * neighbouring objects share.
 */
export async function hasLaterRows(
  db: QuestDb,
  table: string,
  from: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const end = (Math.floor(from / DAY_MS) + 1) * DAY_MS
  const rows = await db.query(
    sql`SELECT ts FROM ${identifier(table)}
      WHERE ts >= ${instant(from + SHARED_MS)} AND ts < ${instant(end)} LIMIT 1`,
    signal,
  )
  return rows.length > 0
}

const SHARED_MS = 10 * 60_000
