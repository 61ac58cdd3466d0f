import type { MergedRows, QueryView, ViewDefinition } from '@backtide/core/table'
import { TableShapeError } from '../errors.ts'
import type { QuestDb } from '../questdb.ts'
import { identifier, joined, sql, trusted, type Statement } from '../sql.ts'
import { names } from './create-table.ts'
import { readShape } from './table-shape.ts'

/** Creates the view of a table, or replaces one that says something else; else only looks. */
export async function ensureView(db: QuestDb, table: string, view: ViewDefinition): Promise<void> {
  const { name, columns, where, merged } = view
  const { text: query } = merged
    ? mergedRows(table, view, merged)
    : sql`SELECT ${names(columns)} FROM ${identifier(table)} WHERE ${trusted(where)}`
  await ensureQueryView(db, { name, query })
}

/**
 * Grouped by the keys, because QuestDB then looks only where a condition on them allows, bounds of the
 * timestamp first of all; what is grouped has no designated timestamp, until it is said.
 */
function mergedRows(
  table: string,
  { columns, where }: ViewDefinition,
  { by, column, priority }: MergedRows,
): Statement {
  const values = columns.filter((name) => name !== column && !by.includes(name))
  const ts = names(by.slice(0, 1))
  const picked = values.map((name) => {
    const ofOrigins = priority.map(
      (origin) =>
        sql`max(CASE WHEN ${identifier(column)} = ${origin} THEN ${identifier(name)} END)`,
    )
    return sql`coalesce(${joined(ofOrigins, ', ')}) AS ${identifier(name)}`
  })
  return sql`SELECT * FROM (SELECT ${names(by)}, ${joined(picked, ', ')} FROM ${identifier(table)}
    WHERE ${trusted(where)} GROUP BY ${names(by)} ORDER BY ${ts}) timestamp(${ts})`
}

/** The same with a view that is a query. */
export async function ensureQueryView(db: QuestDb, { name, query }: QueryView): Promise<void> {
  if ((await readView(db, name)) === query) return
  try {
    await db.query(sql`CREATE OR REPLACE VIEW ${identifier(name)} AS (${trusted(query)})`)
  } catch (error) {
    // Another process may have been faster: then QuestDB says that it exists, and it says the same.
    if ((await readView(db, name)) !== query) throw error
  }
}

async function readView(db: QuestDb, name: string): Promise<unknown> {
  const [row] = await db.query(sql`SELECT view_sql FROM views() WHERE view_name = ${name}`)
  return row?.[0]
}

/** @throws TableShapeError when a table has the name of a view of ours */
export async function refuseTableAtView(
  db: QuestDb,
  view: Pick<ViewDefinition, 'name'>,
): Promise<void> {
  if (!(await readShape(db, view.name))) return
  throw new TableShapeError(view.name, ["it is a table, where Backtide's view has to be"])
}
