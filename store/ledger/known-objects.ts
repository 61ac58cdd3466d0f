import type { QuestDb } from '../questdb.ts'
import { sql } from '../sql.ts'

/**
 * Keys of a dataset's objects that could be read when they were last looked at, the latest
 * partitions first.
 */
export async function knownObjects(
  db: QuestDb,
  dataset: string,
  limit: number,
): Promise<readonly string[]> {
  const rows = await db.query(
    sql`SELECT object FROM ledger WHERE dataset = ${dataset} AND etag <> '' LIMIT ${-limit}`,
  )
  return rows.map(([object]) => String(object)).toReversed()
}
