import type { QuestDb } from '../questdb.ts'
import { sql } from '../sql.ts'
import { ensureTable, viewsOf } from './ensure-table.ts'
import type { OwnTable } from './migration.ts'

/**
 * Ensures tables, each once a process (`ensureTable`), the `own` ones always; of those it only looks
 * whether they are still there, so that one that was dropped is created again. What takes long is done
 * by `db`, the mere look by `quick`.
 */
export function createEnsureTables(
  db: QuestDb,
  own: readonly OwnTable[],
  quick = db,
): (tables: readonly OwnTable[]) => Promise<void> {
  const ensuring = new Map<string, Promise<void>>()
  const ensured = new Set<string>()
  return async (tables) => {
    const present = await presentNames(quick)
    const isThere = (table: OwnTable) =>
      present.has(table.name) && viewsOf(table).every(({ name }) => present.has(name))
    for (const table of [...own, ...tables]) {
      if (ensured.has(table.name) && isThere(table)) continue
      ensured.delete(table.name)
      const pending = ensuring.get(table.name) ?? ensureTable(db, table)
      ensuring.set(table.name, pending)
      await pending.finally(() => ensuring.delete(table.name))
      ensured.add(table.name)
    }
  }
}

/** Names of all tables and views. */
async function presentNames(db: QuestDb): Promise<ReadonlySet<string>> {
  const rows = await db.query(sql`SELECT table_name FROM tables()`)
  return new Set(rows.map(([name]) => String(name)))
}
