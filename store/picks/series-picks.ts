import type { OriginPick } from '@backtide/core/picks'
import type { Range } from '@backtide/core/range'
import type { DataTable, PickedRows } from '@backtide/core/table'
import type { Fence } from '../fence.ts'
import { inChunks } from '../in-chunks.ts'
import { insertRows } from '../insert-rows.ts'
import type { QuestDb, Row } from '../questdb.ts'
import { names } from '../schema/create-table.ts'
import { identifier, instant, joined, sql, trusted, type Statement } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'
import { NO_INTERVAL, PICKS } from './table.ts'

/** A data table whose origins are picked, and how. */
export interface PickedTable {
  readonly table: DataTable
  readonly picked: PickedRows
}

/** Which series of a table, and when: times are UTC milliseconds. */
export interface PicksScope extends Range {
  /** Columns of the series and the values one of which they have; all without. */
  readonly where: Readonly<Record<string, readonly string[]>>
}

/** Values of the columns `PickedRows.by`, in their order. */
export type PickedSeries = readonly string[]

/** A pick, and whose it is. */
export interface SeriesPick extends OriginPick {
  readonly series: PickedSeries
}

/** An hour in which a series has rows of an origin. */
export interface OriginHour {
  readonly series: PickedSeries
  readonly origin: string
  /** UTC milliseconds. */
  readonly hour: number
}

/** Origins that have rows in a scope. */
export async function originsWithRows(
  db: QuestDb,
  { table, picked }: PickedTable,
  scope: PicksScope,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const found = await perScope(scope, (inScope) =>
    db.query(
      sql`SELECT DISTINCT ${identifier(picked.column)} FROM ${identifier(table.name)}
        WHERE ${inScope} AND ${trusted(table.view.where)}`,
      signal,
    ),
  )
  return [...new Set(found.map(([origin]) => String(origin)))]
}

/** Where in a scope each origin has rows of each series. */
export async function originHours(
  db: QuestDb,
  { table, picked }: PickedTable,
  scope: PicksScope,
  signal?: AbortSignal,
): Promise<readonly OriginHour[]> {
  const columns = sql`${names(picked.by)}, ${identifier(picked.column)}`
  const found = await perScope(scope, (inScope) =>
    db.query(
      sql`SELECT ${columns}, timestamp_floor('1h', ts) hour FROM ${identifier(table.name)}
        WHERE ${inScope} AND ${trusted(table.view.where)} GROUP BY ${columns}, hour`,
      signal,
    ),
  )
  return found.map((row) => ({
    series: seriesOf(row, picked),
    origin: String(row[picked.by.length]),
    hour: Date.parse(String(row[picked.by.length + 1])),
  }))
}

/** Picks that begin in a scope. */
export async function storedPicks(
  db: QuestDb,
  { table, picked }: PickedTable,
  scope: PicksScope,
  signal?: AbortSignal,
): Promise<readonly SeriesPick[]> {
  const found = await perScope(scope, (inScope) =>
    db.query(
      sql`SELECT ${names(picked.by)}, ts, until, origin FROM ${identifier(PICKS.name)}
        WHERE ${inScope} AND table_name = ${table.view.name}`,
      signal,
    ),
  )
  return found.map((row) => {
    const [from, to, origin] = row.slice(picked.by.length)
    return {
      series: seriesOf(row, picked),
      from: Date.parse(String(from)),
      to: Date.parse(String(to)),
      ...(origin !== null && { origin: String(origin) }),
    }
  })
}

/** Writes picks, and waits until readers go by them. */
export async function putPicks(
  db: QuestDb,
  { table, picked }: PickedTable,
  picks: readonly SeriesPick[],
  { signal, fence }: { readonly signal?: AbortSignal; readonly fence?: Fence },
): Promise<void> {
  const rows = picks.map(({ series, from, to, origin }) => ({
    ts: from,
    until: to,
    table_name: table.view.name,
    interval: NO_INTERVAL,
    ...Object.fromEntries(picked.by.map((name, at) => [name, series[at]])),
    origin,
  }))
  await insertRows(db, PICKS, rows, fence)
  await waitApplied(db, PICKS.name, { signal })
}

function seriesOf(row: Row, { by }: PickedRows): PickedSeries {
  return row.slice(0, by.length).map(String)
}

/** Asks in as many statements as the longest list of values takes. */
async function perScope(
  { from, to, where }: PicksScope,
  ask: (inScope: Statement) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const [[column, values] = [undefined, []], ...others] = Object.entries(where).toSorted(
    (a, b) => b[1].length - a[1].length,
  )
  const answers = await inChunks(values, (chunk) => {
    const lists = column === undefined ? others : [[column, chunk] as const, ...others]
    const terms = [
      sql`ts >= ${instant(from)} AND ts < ${instant(to)}`,
      ...lists.map(([name, list]) => sql`${identifier(name)} IN ${list}`),
    ]
    return ask(joined(terms, ' AND '))
  })
  return answers.flat()
}
