import type { QuestDb } from '../questdb.ts'
import { sql } from '../sql.ts'

/** Keys of some objects of a dataset that the archive had, the newest partitions first. */
export async function listWitnesses(
  db: QuestDb,
  dataset: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const rows = await db.query(
    sql`SELECT object FROM ledger WHERE dataset = ${dataset} AND state IN ('complete', 'degraded')
      ORDER BY partition_ts DESC LIMIT 8`,
    signal,
  )
  return rows.map(([object]) => String(object))
}
