import { TableShapeError, TableTooNewError } from '../errors.ts'
import type { QuestDb } from '../questdb.ts'
import { createTable } from './create-table.ts'
import { ensureQueryView, ensureView, refuseTableAtView } from './ensure-view.ts'
import type { OwnTable } from './migration.ts'
import { LATEST_VERSION, migrate } from './migrations.ts'
import { noteVersion, readVersion, SCHEMA_VERSIONS } from './schema-versions.ts'
import { differences, readShape } from './table-shape.ts'

/**
 * Creates a table and its view if there is none of that name, and migrates one of ours of an earlier
 * version; several processes may do so at once.
 * @throws TableShapeError when there is one of another shape; it is never altered
 * @throws TableTooNewError when a newer Backtide changed it
 */
export async function ensureTable(db: QuestDb, table: OwnTable): Promise<void> {
  await createAsIs(db, SCHEMA_VERSIONS)
  const version = await readVersion(db, table.name)
  if (version > LATEST_VERSION) throw new TableTooNewError(table.name, version, LATEST_VERSION)
  await migrate(db, table, version)
  for (const view of viewsOf(table)) await refuseTableAtView(db, view, table)
  await createAsIs(db, table)
  if (table.view) await ensureView(db, table.name, table.view)
  for (const view of table.more ?? []) await ensureQueryView(db, view)
  if (version < LATEST_VERSION) await noteVersion(db, table.name, LATEST_VERSION)
}

/** All views that come with a table. */
export function viewsOf({ view, more = [] }: OwnTable): readonly { readonly name: string }[] {
  return view ? [view, ...more] : more
}

async function createAsIs(db: QuestDb, table: OwnTable): Promise<void> {
  await createTable(db, table)
  const shape = await readShape(db, table.name)
  const found = shape ? differences(table, shape) : ['it is not a table']
  if (found.length > 0) throw new TableShapeError(table.name, found)
}
