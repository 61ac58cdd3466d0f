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
  /** `ended` is begun and over, without covering anything. */
  readonly event: 'begun' | 'done' | 'ended'
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

/** The newest clean point of each epoch (both UTC milliseconds). */
export async function newestCleanPoints(db: QuestDb): Promise<ReadonlyMap<number, number>> {
  const rows = await db.query(
    sql`SELECT epoch, max(ts) FROM clean_points WHERE event = 'done' GROUP BY epoch`,
  )
  return new Map(rows.map(([epoch, ts]) => [Date.parse(String(epoch)), Date.parse(String(ts))]))
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
