import type { TableDefinition } from '@backtide/core/table'
import { insertRows } from '../insert-rows.ts'
import type { QuestDb } from '../questdb.ts'
import { sql } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'

/** Which migrations each table has behind it, and since when: one row a table and version. */
export const SCHEMA_VERSIONS: TableDefinition = {
  name: 'schema_versions',
  columns: { ts: 'TIMESTAMP', table_name: 'SYMBOL', version: 'INT' },
  partitionBy: 'YEAR',
  keys: ['ts', 'table_name', 'version'],
}

/** Newest version that was noted for a table; 0 when none was. */
export async function readVersion(db: QuestDb, table: string): Promise<number> {
  const [row] = await db.query(
    sql`SELECT max(version) FROM schema_versions WHERE table_name = ${table}`,
  )
  return Number(row?.[0] ?? 0)
}

/** Notes that a table has a version; two processes may both do it. */
export async function noteVersion(db: QuestDb, table: string, version: number): Promise<void> {
  await insertRows(db, SCHEMA_VERSIONS, [{ ts: Date.now(), table_name: table, version }])
  await waitApplied(db, SCHEMA_VERSIONS.name)
}
