import type { QuestDb } from '../questdb.ts'
import { sql } from '../sql.ts'

/** What objects of one series of a dataset came to, as far as they were looked at. */
export interface LikeObjects {
  readonly series: string
  readonly objects: number
  /** Compressed. */
  readonly bytes: number
  readonly rows: number
}

/** Objects looked at: the latest say best what the next are like, and QuestDB gives no more from the end. */
const LOOKED_AT = 10_000

/** Sizes and rows of the latest objects of a dataset that were there, by series. */
export async function likeObjects(db: QuestDb, dataset: string): Promise<readonly LikeObjects[]> {
  const rows = await db.query(
    sql`SELECT symbol, count(), sum(size), sum(rows_distinct) FROM (
        SELECT symbol, size, rows_distinct FROM ledger
        WHERE dataset = ${dataset} AND etag <> '' LIMIT ${-LOOKED_AT})
      GROUP BY symbol`,
  )
  return rows.map(([series, objects, bytes, distinct]) => ({
    series: String(series),
    objects: Number(objects),
    bytes: Number(bytes ?? 0),
    rows: Number(distinct ?? 0),
  }))
}
