import type { TableDefinition } from '@backtide/core/table'
import { insertRows } from '../insert-rows.ts'
import type { QuestDb } from '../questdb.ts'
import { instant, sql } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'

/** A moment up to which all that QuestDB had applied is on disk, or the attempt to make one. */
export interface CleanPoint {
  /** Before the checkpoint was created, by QuestDB's clock, UTC milliseconds. */
  readonly ts: number
  readonly epoch: number
  /**
   * `last` is done, when nobody wrote any more; `ended` is begun and over, without covering anything.
   */
  readonly event: 'begun' | 'done' | 'last' | 'ended'
}

/** What became of clean points; attempts and ends are rows of their own. */
export const CLEAN_POINTS: TableDefinition = {
  name: 'clean_points',
  columns: { ts: 'TIMESTAMP', epoch: 'TIMESTAMP', event: 'SYMBOL' },
  partitionBy: 'YEAR',
  keys: ['ts', 'event'],
}

/** Notes what became of a clean point, and waits until it can be read. */
export async function noteCleanPoint(db: QuestDb, point: CleanPoint): Promise<void> {
  await insertRows(db, CLEAN_POINTS, [{ ...point }])
  await waitApplied(db, CLEAN_POINTS.name)
}

/**
 * Until when each epoch is covered by its clean points (both UTC milliseconds).
 * @param slackMs what the clocks of those who write may differ from QuestDB's
 */
export async function coveredUntil(
  db: QuestDb,
  slackMs: number,
): Promise<ReadonlyMap<number, number>> {
  const rows = await db.query(
    sql`SELECT epoch, event, max(ts) FROM clean_points WHERE event IN ${['done', 'last']}
      GROUP BY epoch, event`,
  )
  const covered = new Map<number, number>()
  for (const [at, event, ts] of rows) {
    const epoch = Date.parse(String(at))
    const until = Date.parse(String(ts)) - (event === 'last' ? 0 : slackMs)
    covered.set(epoch, Math.max(covered.get(epoch) ?? 0, until))
  }
  return covered
}

/** A clean point that was begun between two instants (UTC milliseconds) and has no end. */
export async function openCleanPoint(
  db: QuestDb,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<CleanPoint | undefined> {
  const rows = await db.query(
    sql`SELECT ts, epoch, event FROM clean_points
      WHERE ts >= ${instant(from)} AND ts <= ${instant(to)}`,
  )
  const points = rows.map(([ts, epoch, event]) => ({
    ts: Date.parse(String(ts)),
    epoch: Date.parse(String(epoch)),
    event: String(event) as CleanPoint['event'],
  }))
  return points.find(
    ({ ts, event }) =>
      event === 'begun' && !points.some((other) => other.ts === ts && other.event !== 'begun'),
  )
}
