import type { Scope } from '@backtide/core/request'
import { addCounts, type StateCounts } from '@backtide/core/state'
import type { QuestDb } from '../questdb.ts'
import { sql } from '../sql.ts'
import type { LedgerSummary } from './ledger-row.ts'
import { askInScope } from './scope.ts'

/** Counts by state, rows and bytes of a part of the ledger. */
export async function summariseLedger(
  db: QuestDb,
  scope: Scope & { readonly backfillId: string },
): Promise<LedgerSummary> {
  const answers = await askInScope(scope, (inScope) =>
    db.query(
      sql`SELECT state, count(), sum(rows_distinct), sum(size),
        sum(CASE WHEN backfill_id = ${scope.backfillId} THEN 1 ELSE 0 END),
        sum(CASE WHEN backfill_id = ${scope.backfillId} THEN rows_distinct ELSE 0 END)
        FROM ledger WHERE ${inScope} GROUP BY state`,
    ),
  )
  const rows = answers.flat()
  const sumOf = (index: number) => rows.reduce((sum, row) => sum + Number(row[index] ?? 0), 0)
  const counts = rows.reduce<StateCounts>(
    (sum, [state, objects]) => addCounts(sum, { [String(state)]: Number(objects) }),
    {},
  )
  const own = { objects: sumOf(4), rows: sumOf(5) }
  return { counts, rows: sumOf(2), bytes: sumOf(3), own }
}
