import type { MergedRows, PickedRows, QueryView, ViewDefinition } from '@backtide/core/table'
import { TableShapeError } from '../errors.ts'
import { isAdoptable } from '../adoption/foreign-table.ts'
import { PICKS } from '../picks/table.ts'
import type { QuestDb } from '../questdb.ts'
import { identifier, joined, sql, trusted, type Statement } from '../sql.ts'
import { names } from './create-table.ts'
import type { OwnTable } from './migration.ts'
import { readShape } from './table-shape.ts'

/**
 * Creates the view of a table, or replaces one that says something else; else only looks. One whose
 * origins are picked is joined to the picks once there is one of it, as long as there is none it is as
 * fast as others; it is looked at again because another process may have written the first meanwhile.
 */
export async function ensureView(db: QuestDb, table: string, view: ViewDefinition): Promise<void> {
  const { name, columns, where, merged, picked } = view
  const plain = sql`SELECT ${names(columns)} FROM ${identifier(table)} WHERE ${trusted(where)}`
  const { text: query } = merged ? mergedRows(table, view, merged) : plain
  if (!picked || !(await hasPicks(db, name))) await ensureQueryView(db, { name, query })
  if (picked && (await hasPicks(db, name))) {
    await ensureQueryView(db, { name, query: pickedRows(table, view, picked).text })
  }
}

async function hasPicks(db: QuestDb, view: string): Promise<boolean> {
  if (!(await readShape(db, PICKS.name))) return false
  const rows = await db.query(sql`SELECT ts FROM picks WHERE table_name = ${view} LIMIT 1`)
  return rows.length > 0
}

/**
 * The hint makes QuestDB go through the picks once, in front: what it does by itself looks for each
 * row's pick backwards, to the first pick there is where a series has none (docs/performance.md).
 */
function pickedRows(
  table: string,
  { name, columns, where }: ViewDefinition,
  { by, column }: PickedRows,
): Statement {
  const shown = trusted(columns.map((one) => `t.${identifier(one).text}`).join(', '))
  return sql`SELECT /*+ asof_linear(t p) */ ${shown}
    FROM (SELECT * FROM ${identifier(table)} WHERE ${trusted(where)}) t
    ASOF JOIN (SELECT * FROM picks WHERE table_name = ${name}) p ON (${names(by)})
    WHERE p.origin IS NULL OR p.origin = t.${identifier(column)} OR t.ts >= p.until`
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
  { name }: Pick<ViewDefinition, 'name'>,
  of: OwnTable,
): Promise<void> {
  const shape = await readShape(db, name)
  if (!shape) return
  const fault = "it is a table, where Backtide's view has to be"
  throw new TableShapeError(name, [fault], name === of.view?.name && isAdoptable(of, shape))
}
