import type { ViewDefinition } from '@backtide/core/table'
import { TableShapeError } from '../errors.ts'
import type { QuestDb } from '../questdb.ts'
import { identifier, sql, trusted } from '../sql.ts'
import { names } from './create-table.ts'
import { readShape } from './table-shape.ts'

/** Creates the view of a table, or replaces one that says something else; else only looks. */
export async function ensureView(db: QuestDb, table: string, view: ViewDefinition): Promise<void> {
  const select = sql`SELECT ${names(view.columns)} FROM ${identifier(table)}
    WHERE ${trusted(view.where)}`
  if ((await readView(db, view.name)) === select.text) return
  try {
    await db.query(sql`CREATE OR REPLACE VIEW ${identifier(view.name)} AS (${select})`)
  } catch (error) {
    // Another process may have been faster: then QuestDB says that it exists, and it says the same.
    if ((await readView(db, view.name)) !== select.text) throw error
  }
}

async function readView(db: QuestDb, name: string): Promise<unknown> {
  const [row] = await db.query(sql`SELECT view_sql FROM views() WHERE view_name = ${name}`)
  return row?.[0]
}

/** @throws TableShapeError when a table has the name of a view of ours */
export async function refuseTableAtView(db: QuestDb, view: ViewDefinition): Promise<void> {
  if (!(await readShape(db, view.name))) return
  throw new TableShapeError(view.name, ["it is a table, where Backtide's view has to be"])
}
