import { StoreFaultError, StoreRefusedError } from '../errors.ts'
import type { QuestDb } from '../questdb.ts'
import { sql } from '../sql.ts'
import { noteCleanPoint, openCleanPoint } from './clean-points.ts'
import { readEpoch } from './read-epoch.ts'

/** Age from which a checkpoint of ours was left behind by a process that died, milliseconds. */
const LEFT_BEHIND_MS = 60_000

/** Between noting that a clean point begins and its checkpoint; more belongs to somebody else. */
const CREATE_WITHIN_MS = 10_000

/** How a clean point is made. */
export interface CleanPointOptions {
  /**
   * All who wrote to this QuestDB have ended, and had its clock: what was settled before is covered
   * to the last millisecond.
   */
  readonly last?: boolean
  readonly leftBehindMs?: number
}

/**
 * Has QuestDB write to disk all that it has (CHECKPOINT CREATE, which syncs, and RELEASE) and notes
 * it. While somebody else's checkpoint is in progress nothing is done; only our own are released.
 * Resolves to whether a clean point was made.
 */
export async function makeCleanPoint(
  db: QuestDb,
  { last = false, leftBehindMs = LEFT_BEHIND_MS }: CleanPointOptions = {},
): Promise<boolean> {
  const { now, started } = await readCheckpoint(db)
  if (started !== undefined && !(await releaseLeftBehind(db, started, now, leftBehindMs))) {
    return false
  }
  const point = { ts: now, epoch: await readEpoch(db) }
  await noteCleanPoint(db, { ...point, event: 'begun' })
  const created = await createCheckpoint(db)
  if (created) await db.query(sql`CHECKPOINT RELEASE`)
  // Started again in between, it has on disk what it found there, which is not what it had.
  const done = created && (await readEpoch(db)) === point.epoch
  const success = last ? 'last' : 'done'
  await noteCleanPoint(db, { ...point, event: done ? success : 'ended' })
  return done
}

/** Releases a checkpoint if it is ours and nobody is at it any more; resolves to whether it did. */
async function releaseLeftBehind(
  db: QuestDb,
  started: number,
  now: number,
  leftBehindMs: number,
): Promise<boolean> {
  if (now - started < leftBehindMs) return false
  const ours = await openCleanPoint(db, { from: started - CREATE_WITHIN_MS, to: started })
  if (!ours) return false
  await db.query(sql`CHECKPOINT RELEASE`)
  await noteCleanPoint(db, { ...ours, event: 'ended' })
  return true
}

/** Resolves to false when QuestDB will not, as somebody else was quicker or it cannot at all. */
async function createCheckpoint(db: QuestDb): Promise<boolean> {
  try {
    await db.query(sql`CHECKPOINT CREATE`)
    return true
  } catch (error) {
    if (error instanceof StoreFaultError || error instanceof StoreRefusedError) return false
    throw error
  }
}

/** QuestDB's clock and since when a checkpoint is in progress, UTC milliseconds. */
async function readCheckpoint(
  db: QuestDb,
): Promise<{ readonly now: number; readonly started: number | undefined }> {
  const [row] = await db.query(sql`SELECT now(), in_progress, started_at FROM checkpoint_status()`)
  const [now, inProgress, started] = row ?? []
  return {
    now: Date.parse(String(now)),
    started: inProgress === true ? Date.parse(String(started)) : undefined,
  }
}
