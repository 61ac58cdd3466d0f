import type { Scope } from '@backtide/core/request'
import type { ObjectState } from '@backtide/core/state'
import type { QuestDb, Row } from '../questdb.ts'
import { sql } from '../sql.ts'
import type { DayCoverage } from './ledger-row.ts'
import { askInScope } from './scope.ts'

/** Counts by UTC day of a part of the ledger, ascending; days without a row are left out. */
export async function coverDays(
  db: QuestDb,
  scope: Scope,
  signal?: AbortSignal,
): Promise<readonly DayCoverage[]> {
  const answers = await askInScope(scope, (inScope) =>
    db.query(
      sql`SELECT timestamp_floor('d', partition_ts) day, state, count() objects, sum(rows_distinct) distinct_rows
        FROM ledger WHERE ${inScope} GROUP BY day, state`,
      signal,
    ),
  )
  return [...sumByDay(answers.flat())]
    .map(([day, { counts, rows }]) => ({ day, counts, rows }))
    .toSorted((a, b) => a.day - b.day)
}

function sumByDay(rows: readonly Row[]): Map<number, DaySum> {
  const days = new Map<number, DaySum>()
  for (const [at, name, objects, distinct] of rows) {
    const day = Date.parse(String(at))
    const state = name as ObjectState
    const seen = days.get(day) ?? { counts: {}, rows: 0 }
    seen.counts[state] = (seen.counts[state] ?? 0) + Number(objects)
    days.set(day, { counts: seen.counts, rows: seen.rows + Number(distinct ?? 0) })
  }
  return days
}

interface DaySum {
  readonly counts: Partial<Record<ObjectState, number>>
  readonly rows: number
}
