import type { Difference } from '@backtide/core/plan'
import { formatInstant } from '@backtide/core/range'
import type { Scope } from '@backtide/core/request'
import type { QuestDb } from '../questdb.ts'
import { instant, sql } from '../sql.ts'
import { askInScope } from './scope.ts'

const MOST_SAMPLES = 5

/** What of a part of the ledger was written since an instant (UTC milliseconds); undefined when nothing was. */
export async function changedSince(
  db: QuestDb,
  scope: Scope,
  since: number,
): Promise<Difference | undefined> {
  const answers = await askInScope(scope, async (inScope) => {
    const changed = sql`${inScope} AND checked_at >= ${instant(since)}`
    const [[row], some] = await Promise.all([
      db.query(sql`SELECT count() FROM ledger WHERE ${changed}`),
      db.query(
        sql`SELECT partition_ts, symbol, state, backfill_id FROM ledger WHERE ${changed}
          LIMIT ${MOST_SAMPLES}`,
      ),
    ])
    return { objects: Number(row?.[0] ?? 0), samples: some.map(describe) }
  })
  const objects = answers.reduce((sum, one) => sum + one.objects, 0)
  if (objects === 0) return undefined
  return { objects, samples: answers.flatMap(({ samples }) => samples).slice(0, MOST_SAMPLES) }
}

function describe([partition, series, state, backfillId]: readonly unknown[]): string {
  const at = formatInstant(Date.parse(String(partition)))
  const by = typeof backfillId === 'string' && backfillId !== '' ? ` by ${backfillId}` : ''
  return `${at} ${String(series)} is ${String(state)}${by}`
}
