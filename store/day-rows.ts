import { DAY_MS } from '@backtide/core/range'
import type { TableDefinition } from '@backtide/core/table'
import type { QuestDb } from './questdb.ts'
import { identifier, instant, sql } from './sql.ts'

/** Rows and bytes of a table's day. */
export interface DayRows {
  readonly rows: number
  readonly bytes: number
}

/** What a table holds, by start of its day (UTC milliseconds); nothing of one that has no such partitions. */
export async function dayRows(
  db: QuestDb,
  { name, partitionBy }: TableDefinition,
): Promise<ReadonlyMap<number, DayRows>> {
  if (partitionBy !== 'DAY') return new Map()
  const rows = await db.query(
    sql`SELECT minTimestamp, numRows, diskSize FROM table_partitions(${name}) WHERE numRows > 0`,
  )
  return new Map(
    rows.map(([first, count, bytes]) => [
      Math.floor(Date.parse(String(first)) / DAY_MS) * DAY_MS,
      { rows: Number(count), bytes: Number(bytes) },
    ]),
  )
}

/** Rows of a day that are not before an instant in it (UTC milliseconds). */
export async function laterRows(
  db: QuestDb,
  { name }: TableDefinition,
  from: number,
): Promise<number> {
  const end = (Math.floor(from / DAY_MS) + 1) * DAY_MS
  const [row] = await db.query(
    sql`SELECT count() FROM ${identifier(name)} WHERE ts >= ${instant(from)} AND ts < ${instant(end)}`,
  )
  return Number(row?.[0] ?? 0)
}
