import type { QuestDb } from '../questdb.ts'
import { sql } from '../sql.ts'

/**
 * When this QuestDB was started, UTC milliseconds. QuestDB does not fsync: what it said it has under
 * one epoch may be gone under the next.
 */
export async function readEpoch(db: QuestDb, signal?: AbortSignal): Promise<number> {
  const [row] = await db.query(sql`SELECT pg_postmaster_start_time()`, signal)
  return Date.parse(String(row?.[0]))
}
