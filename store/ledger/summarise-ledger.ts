import type { ObjectState } from '@backtide/core/state'
import type { QuestDb } from '../questdb.ts'
import type { LedgerScope, LedgerSummary } from '../records.ts'
import { sql } from '../sql.ts'
import { inScope } from './scope.ts'

/** Counts by state, rows and bytes of a part of the ledger. */
export async function summariseLedger(
  db: QuestDb,
  scope: LedgerScope & { readonly backfillId: string },
): Promise<LedgerSummary> {
  const rows = await db.query(
    sql`SELECT state, count(), sum(rows_distinct), sum(size),
      sum(CASE WHEN backfill_id = ${scope.backfillId} THEN 1 ELSE 0 END)
      FROM ledger WHERE ${inScope(scope)} GROUP BY state`,
  )
  const sumOf = (index: number) => rows.reduce((sum, row) => sum + Number(row[index] ?? 0), 0)
  const counts = Object.fromEntries(rows.map((row) => [row[0] as ObjectState, Number(row[1])]))
  return { counts, rows: sumOf(2), bytes: sumOf(3), byBackfill: sumOf(4) }
}
