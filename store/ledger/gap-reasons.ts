import { GAP_STATES } from '@backtide/core/gap'
import type { Scope } from '@backtide/core/request'
import type { ObjectState } from '@backtide/core/state'
import type { QuestDb } from '../questdb.ts'
import { sql } from '../sql.ts'
import { askInScope } from './scope.ts'

/** How many objects of a part of the ledger leave a gap for one reason. */
export interface GapReason {
  readonly state: ObjectState
  readonly reason: string
  readonly objects: number
}

/** The most frequent reasons for gaps, `limit` at most; of more series than fit one statement, about. */
export async function gapReasons(
  db: QuestDb,
  scope: Scope,
  limit: number,
): Promise<readonly GapReason[]> {
  const answers = await askInScope(scope, (inScope) =>
    db.query(
      sql`SELECT state, reason, count() objects FROM ledger
        WHERE ${inScope} AND state IN ${GAP_STATES}
        GROUP BY state, reason ORDER BY objects DESC LIMIT ${limit}`,
    ),
  )
  const sums = new Map<string, GapReason>()
  for (const [state, reason, count] of answers.flat()) {
    const key = `${String(state)} ${String(reason ?? '')}`
    const objects = (sums.get(key)?.objects ?? 0) + Number(count)
    sums.set(key, { state: state as ObjectState, reason: String(reason ?? ''), objects })
  }
  return [...sums.values()].toSorted((a, b) => b.objects - a.objects).slice(0, limit)
}
