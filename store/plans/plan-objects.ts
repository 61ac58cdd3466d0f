import { planCreatedAt } from '@backtide/core/plan'
import type { Range } from '@backtide/core/range'
import { insertRows } from '../insert-rows.ts'
import type { QuestDb } from '../questdb.ts'
import { instant, sql } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'
import { PLAN_OBJECTS } from './tables.ts'

/** What a plan saw of an object. */
export interface SeenObject {
  /** Start of its partition, UTC milliseconds. */
  readonly partition: number
  readonly key: string
  /** Empty where the archive does not tell, or does not have it. */
  readonly etag: string
  /** Bytes; `NOT_THERE` where the archive does not have it, `NOT_TOLD` where it does not list. */
  readonly size: number
}

export const NOT_THERE = -1
export const NOT_TOLD = -2

/** Notes what a plan saw; `before` is how many of its objects were noted already. */
export async function putPlanObjects(
  db: QuestDb,
  planId: string,
  objects: readonly SeenObject[],
  before: number,
): Promise<void> {
  const createdAt = planCreatedAt(planId) ?? 0
  await insertRows(
    db,
    PLAN_OBJECTS,
    objects.map(({ partition, key, etag, size }, index) => ({
      ts: createdAt + (before + index) / 1000,
      plan_id: planId,
      partition_ts: partition,
      object: key,
      etag,
      size,
    })),
  )
}

/** Waits until all that was noted can be read. */
export async function planObjectsApplied(db: QuestDb, signal: AbortSignal): Promise<void> {
  await waitApplied(db, PLAN_OBJECTS.name, { signal })
}

/** More microseconds than a plan has objects. */
const SPAN_MS = 60_000

/** What a plan saw of the objects of some partitions, by key. */
export async function planObjects(
  db: QuestDb,
  planId: string,
  { from, to }: Range,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SeenObject>> {
  const createdAt = planCreatedAt(planId) ?? 0
  const rows = await db.query(
    sql`SELECT partition_ts, object, etag, size FROM plan_objects
      WHERE ts >= ${instant(createdAt)} AND ts < ${instant(createdAt + SPAN_MS)}
      AND plan_id = ${planId} AND partition_ts >= ${instant(from)} AND partition_ts < ${instant(to)}`,
    signal,
  )
  return new Map(
    rows.map(([partition, key, etag, size]) => [
      String(key),
      {
        partition: Date.parse(String(partition)),
        key: String(key),
        etag: String(etag ?? ''),
        size: Number(size),
      },
    ]),
  )
}
