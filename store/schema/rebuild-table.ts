import { randomBytes } from 'node:crypto'
import type { TableDefinition } from '@backtide/core/table'
import { StoreRefusedError, StoreUnavailableError } from '../errors.ts'
import type { QuestDb } from '../questdb.ts'
import { identifier, sql } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'
import { createTable, names } from './create-table.ts'
import { differences, readShape } from './table-shape.ts'

/** A table that cannot be altered to what it should be. */
export interface Rebuild {
  readonly before: TableDefinition
  readonly after: TableDefinition
  /** Name under which the old table stays. */
  readonly keptAs: string
}

/**
 * Moves the rows of a table to one of another shape, column by column of the same name, and gives it
 * the name. Every process copies into a table of its own, so that a slow one never writes old rows
 * over newer ones; the first to rename wins. Does nothing when no table has the old shape.
 */
export async function rebuildTable(db: QuestDb, rebuild: Rebuild): Promise<void> {
  const { before, after, keptAs } = rebuild
  const source = await sourceOf(db, rebuild)
  if (source === undefined) return
  const copy = `${after.name}_copy_${randomBytes(6).toString('hex')}`
  try {
    await copyRows(db, source, { ...after, name: copy }, before)
    if (source === before.name) await renameTable(db, source, keptAs)
    await renameTable(db, copy, after.name)
  } catch (error) {
    await dropCopies(db, copy).catch(() => {})
    throw error
  }
  await dropCopies(db, `${after.name}_copy_`)
}

/** The old table: under its name, or already set aside by a process that did not come to the end. */
async function sourceOf(
  db: QuestDb,
  { before, after, keptAs }: Rebuild,
): Promise<string | undefined> {
  const shape = await readShape(db, after.name)
  const kept = await readShape(db, keptAs)
  const isOld = (found: typeof shape) => !!found && differences(before, found).length === 0
  if (!shape) return isOld(kept) ? keptAs : undefined
  if (!isOld(shape)) return undefined
  if (!kept) return after.name
  throw new StoreRefusedError(
    `Table ${after.name} of Backtide 0.1.0 cannot be kept as ${keptAs}, as there is such a table. ` +
      `Rename that (RENAME TABLE '${keptAs}' TO '${keptAs}_old') and start again.`,
    'RENAME TABLE',
  )
}

async function copyRows(
  db: QuestDb,
  source: string,
  copy: TableDefinition,
  before: TableDefinition,
): Promise<void> {
  const columns = names(Object.keys(copy.columns).filter((name) => name in before.columns))
  await waitApplied(db, source)
  await createTable(db, copy)
  await db.query(
    sql`INSERT INTO ${identifier(copy.name)} (${columns}) SELECT ${columns} FROM ${identifier(source)}`,
  )
  await waitApplied(db, copy.name)
  const [had, has] = [await countRows(db, source), await countRows(db, copy.name)]
  if (had === has) return
  throw new StoreUnavailableError(
    `Table ${source} has ${had} rows and its copy ${has}: somebody writes to it. ` +
      `Stop workers of earlier versions first.`,
  )
}

async function countRows(db: QuestDb, table: string): Promise<number> {
  const [row] = await db.query(sql`SELECT count() FROM ${identifier(table)}`)
  return Number(row?.[0])
}

async function renameTable(db: QuestDb, from: string, to: string): Promise<void> {
  await db.query(sql`RENAME TABLE ${identifier(from)} TO ${identifier(to)}`)
}

/** Once the name is taken by the new table, copies are of no use to anybody. */
async function dropCopies(db: QuestDb, prefix: string): Promise<void> {
  const rows = await db.query(
    sql`SELECT table_name FROM tables() WHERE starts_with(table_name, ${prefix})`,
  )
  for (const [name] of rows) {
    await db.query(sql`DROP TABLE IF EXISTS ${identifier(String(name))}`)
  }
}
