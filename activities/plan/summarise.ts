import { addSamples, estimateRows, type Sample } from '@backtide/core/estimate'
import type { PlanSummary } from '@backtide/core/plan'
import type { DayRows } from '@backtide/store/day-rows'
import { readThroughput, type Throughput } from '@backtide/store/ledger/throughput'
import type { DrawContext, PlanCursor } from './cursor.ts'

/** What is known that is like what a plan would load. */
export interface Likeness {
  /** By series. */
  readonly like: ReadonlyMap<string, Sample>
  /** Of its table. */
  readonly days: ReadonlyMap<number, DayRows>
}

/** What the parts of a plan come to, in rows, dollars and time. */
export async function summarise(
  context: DrawContext,
  cursor: PlanCursor,
  { like, days }: Likeness,
): Promise<PlanSummary> {
  const { store, dataset, now, costOf, spentSoFar } = context
  const { planned, gets, total, exact, rewrites, hash, seenAt } = cursor
  const { load, kept } = planned
  const rows = estimateRows(addSamples([...like.values()]), load.bytes + kept.bytes)
  const diskBytes = rows === undefined ? undefined : onDisk(rows, days)
  const etaSeconds = etaOf(
    load.objects + kept.objects,
    rows,
    await readThroughput(store.db, dataset.id, now()),
  )
  const [transferUsd, requestsUsd] = [
    costOf({ gets: 0, bytes: load.bytes }),
    costOf({ gets, bytes: 0 }),
  ]
  return {
    ...planned,
    load: { ...load, bytes: Math.round(load.bytes) },
    total,
    exact,
    cost: { transferUsd, requestsUsd, listingUsd: await spentSoFar() },
    ...(rows !== undefined && { rows }),
    ...(diskBytes !== undefined && { diskBytes }),
    rewrites,
    ...(etaSeconds !== undefined && { etaSeconds }),
    hash,
    seenAt,
  }
}

/** Bytes of so many rows more; undefined while the table has none to go by. */
function onDisk(rows: number, days: ReadonlyMap<number, DayRows>): number | undefined {
  const there = [...days.values()]
  const known = there.reduce((sum, day) => sum + day.rows, 0)
  const bytes = there.reduce((sum, day) => sum + day.bytes, 0)
  return known > 0 ? Math.round((bytes / known) * rows) : undefined
}

/** The slower of rows and objects: small objects cost by the piece. */
function etaOf(
  objects: number,
  rows: number | undefined,
  speed: Throughput | undefined,
): number | undefined {
  if (objects === 0) return 0
  if (!speed) return undefined
  const byRows = rows !== undefined && speed.rowsPerSecond > 0 ? rows / speed.rowsPerSecond : 0
  return Math.ceil(Math.max(objects / speed.objectsPerSecond, byRows))
}
