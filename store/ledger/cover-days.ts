import type { ObjectState } from '@backtide/core/state'
import type { QuestDb } from '../questdb.ts'
import type { DayCoverage, LedgerScope } from '../records.ts'
import { sql } from '../sql.ts'
import { inScope } from './scope.ts'

/** Counts by UTC day of a part of the ledger, ascending; days without a row are left out. */
export async function coverDays(
  db: QuestDb,
  scope: LedgerScope,
  signal?: AbortSignal,
): Promise<readonly DayCoverage[]> {
  const rows = await db.query(
    sql`SELECT timestamp_floor('d', partition_ts) day, state, count() objects, sum(rows_distinct) distinct_rows
      FROM ledger WHERE ${inScope(scope)} GROUP BY day, state ORDER BY day`,
    signal,
  )
  const days = new Map<number, { counts: Partial<Record<ObjectState, number>>; rows: number }>()
  for (const [at, state, objects, distinct] of rows) {
    const day = Date.parse(String(at))
    const seen = days.get(day) ?? { counts: {}, rows: 0 }
    seen.counts[state as ObjectState] = Number(objects)
    days.set(day, { counts: seen.counts, rows: seen.rows + Number(distinct ?? 0) })
  }
  return [...days].map(([day, { counts, rows: sum }]) => ({ day, counts, rows: sum }))
}
