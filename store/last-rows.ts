import type { Range } from '@backtide/core/range'
import { SEAM, type DataTable } from '@backtide/core/table'
import type { QuestDb } from './questdb.ts'
import { names } from './schema/create-table.ts'
import { identifier, instant, joined, sql, trusted } from './sql.ts'

/** Which rows of a table to read. */
export interface RowsAsked {
  readonly table: DataTable
  /** Columns, and the values one of which they have. */
  readonly where: Readonly<Record<string, readonly string[]>>
  /** No row outside is read. */
  readonly range: Range
  readonly limit: number
}

/** A row as readers see it, and whose it is. */
export interface SeenRow {
  /** Values of the view's columns, in their order. */
  readonly values: readonly unknown[]
  /** See core/table.ts. */
  readonly seam: number
}

/** The last rows of a range that a table's view shows, by time. */
export async function lastRows(db: QuestDb, asked: RowsAsked): Promise<readonly SeenRow[]> {
  const { table, where, range, limit } = asked
  const terms = [
    sql`ts >= ${instant(range.from)} AND ts < ${instant(range.to)}`,
    ...Object.entries(where).map(([column, values]) => sql`${identifier(column)} IN ${values}`),
    trusted(`(${table.view.where})`),
  ]
  const rows = await db.query(
    sql`SELECT ${names(table.view.columns)}, ${identifier(SEAM)} FROM ${identifier(table.name)}
      WHERE ${joined(terms, ' AND ')} LIMIT ${-limit}`,
  )
  return rows.map((row) => ({ values: row.slice(0, -1), seam: Number(row.at(-1)) }))
}
