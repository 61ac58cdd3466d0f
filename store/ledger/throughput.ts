import { DAY_MS } from '@backtide/core/range'
import type { QuestDb } from '../questdb.ts'
import { instant, sql } from '../sql.ts'

/** How fast a backfill was, of late. */
export interface Throughput {
  readonly objectsPerSecond: number
  readonly rowsPerSecond: number
}

/** Backfills of fewer objects, or less time, say nothing of long ones. */
const LEAST_OBJECTS = 20
const LEAST_MS = 1_000

const LOOKED_BACK_MS = 60 * DAY_MS

/** Of the latest backfill of a dataset that was long enough; undefined where there is none. */
export async function readThroughput(
  db: QuestDb,
  dataset: string,
  now: number,
): Promise<Throughput | undefined> {
  const rows = await db.query(
    sql`SELECT count() objects, sum(rows_distinct), min(ts), max(ts) last FROM ledger_log
      WHERE ts >= ${instant(now - LOOKED_BACK_MS)} AND dataset = ${dataset} AND etag <> ''
      AND state IN ('complete', 'degraded', 'corrupt')
      GROUP BY backfill_id ORDER BY last DESC LIMIT 20`,
  )
  for (const [objects, distinct, first, last] of rows) {
    const ms = Date.parse(String(last)) - Date.parse(String(first))
    if (Number(objects) < LEAST_OBJECTS || ms < LEAST_MS) continue
    return {
      objectsPerSecond: (Number(objects) * 1000) / ms,
      rowsPerSecond: (Number(distinct ?? 0) * 1000) / ms,
    }
  }
  return undefined
}
