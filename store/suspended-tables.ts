import type { QuestDb } from './questdb.ts'
import { sql } from './sql.ts'

/** Names of the tables that take rows and do not apply them. */
export async function suspendedTables(db: QuestDb): Promise<readonly string[]> {
  const rows = await db.query(sql`SELECT name FROM wal_tables() WHERE suspended ORDER BY name`)
  return rows.map(([name]) => String(name))
}
