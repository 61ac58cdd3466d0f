import type { Usage } from '@backtide/core/prices'
import type { Range } from '@backtide/core/range'
import { insertRows } from '../insert-rows.ts'
import type { QuestDb, Row } from '../questdb.ts'
import { instant, sql } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'
import { SPENDING } from './table.ts'

/** What was spent for a backfill (or plan) at a source. */
export interface Spent extends Usage {
  readonly backfillId: string
  readonly source: string
  readonly usd: number
}

/** What one worker spent, noted at an instant (UTC milliseconds): the same again counts once. */
export interface SpendingNote {
  readonly at: number
  readonly worker: string
  readonly spent: readonly Spent[]
}

/** Adds to what was spent, and waits until it can be read. */
export async function putSpending(db: QuestDb, { at, worker, spent }: SpendingNote): Promise<void> {
  await insertRows(
    db,
    SPENDING,
    spent.map(({ backfillId, ...rest }) => ({ ts: at, worker, backfill_id: backfillId, ...rest })),
  )
  await waitApplied(db, SPENDING.name)
}

/** What was spent in a stretch of time, by backfill and source, most first. */
export async function spentIn(db: QuestDb, { from, to }: Range): Promise<readonly Spent[]> {
  const rows = await db.query(
    sql`SELECT backfill_id, source, sum(gets), sum(lists), sum(bytes), sum(usd) usd FROM spending
      WHERE ts >= ${instant(from)} AND ts < ${instant(to)} GROUP BY backfill_id, source
      ORDER BY usd DESC`,
  )
  return rows.map(spentOf)
}

/** What was spent for some backfills, ever, by backfill and source. */
export async function spentFor(
  db: QuestDb,
  backfillIds: readonly string[],
): Promise<readonly Spent[]> {
  if (backfillIds.length === 0) return []
  const rows = await db.query(
    sql`SELECT backfill_id, source, sum(gets), sum(lists), sum(bytes), sum(usd) FROM spending
      WHERE backfill_id IN ${backfillIds} GROUP BY backfill_id, source`,
  )
  return rows.map(spentOf)
}

function spentOf([backfillId, source, gets, lists, bytes, usd]: Row): Spent {
  return {
    backfillId: String(backfillId),
    source: String(source),
    gets: Number(gets ?? 0),
    lists: Number(lists ?? 0),
    bytes: Number(bytes ?? 0),
    usd: Number(usd ?? 0),
  }
}
