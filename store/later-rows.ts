import { DAY_MS } from '@backtide/core/range'
import type { QuestDb } from './questdb.ts'
import { identifier, instant, sql } from './sql.ts'

/**
 * Whether a table has rows later in the UTC day than an instant (UTC milliseconds), beyond the few that
 * neighbouring objects share.
 */
export async function hasLaterRows(
  db: QuestDb,
  table: string,
  from: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const end = (Math.floor(from / DAY_MS) + 1) * DAY_MS
  const rows = await db.query(
    sql`SELECT ts FROM ${identifier(table)}
      WHERE ts >= ${instant(from + SHARED_MS)} AND ts < ${instant(end)} LIMIT 1`,
    signal,
  )
  return rows.length > 0
}

const SHARED_MS = 10 * 60_000
