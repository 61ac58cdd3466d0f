import { DEAD, SEAM, type TableDefinition } from '@backtide/core/table'
import { TableShapeError } from '../../errors.ts'
import type { QuestDb } from '../../questdb.ts'
import { identifier, sql } from '../../sql.ts'
import { waitApplied } from '../../wait-applied.ts'
import { names } from '../create-table.ts'
import { isAdoptable } from '../../adoption/foreign-table.ts'
import type { Migration, OwnTable } from '../migration.ts'
import { differences, readShape, type TableShape } from '../table-shape.ts'
import { DATA_TABLES_V1 } from './shapes-v1.ts'

/**
 * A table of data gets the name `<name>_all`, the columns `seam` (a key) and `dead`, both 0 in the
 * rows it has; the plain name is then free for the view.
 */
export const rowsKnowTheirObject: Migration = {
  version: 3,
  title: 'rows of data know their object',
  run: async (db, table) => {
    const { name, view } = table
    const before = DATA_TABLES_V1.find((one) => one.name === view?.name)
    if (!before) return
    await rename(db, before, table)
    await addColumns(db, before, name)
  },
}

/** @throws TableShapeError when the table of the old name is not what 0.1.0 created */
async function rename(db: QuestDb, before: TableDefinition, table: OwnTable): Promise<void> {
  const plain = await readShape(db, before.name)
  if (!plain || (await readShape(db, table.name))) return
  const found = differences(before, plain)
  if (found.length > 0) throw new TableShapeError(before.name, found, isAdoptable(table, plain))
  await db.query(sql`RENAME TABLE ${identifier(before.name)} TO ${identifier(table.name)}`)
}

async function addColumns(db: QuestDb, before: TableDefinition, name: string): Promise<void> {
  const shape = await readShape(db, name)
  if (!shape || !isBetween(before, shape)) return
  const table = identifier(name)
  for (const column of [SEAM, DEAD]) {
    await db.query(sql`ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${identifier(column)} BYTE`)
  }
  const keys = names([...before.keys, SEAM])
  await db.query(sql`ALTER TABLE ${table} DEDUP ENABLE UPSERT KEYS(${keys})`)
  await waitApplied(db, name)
}

/** Whether a table is the old one with some of the steps behind it. */
function isBetween(before: TableDefinition, shape: TableShape): boolean {
  const added = shape.columns.filter(({ name }) => name === SEAM || name === DEAD)
  return (
    differences(
      {
        ...before,
        columns: {
          ...before.columns,
          ...Object.fromEntries(added.map(({ name }) => [name, 'BYTE' as const])),
        },
        keys: [...before.keys, ...added.filter(({ key }) => key).map(({ name }) => name)],
      },
      shape,
    ).length === 0
  )
}
