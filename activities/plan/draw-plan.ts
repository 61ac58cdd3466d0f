import { sizeEstimate } from '@backtide/core/estimate'
import {
  NOTHING_PLANNED,
  type PlannedObjects,
  type PlanOrder,
  type PlanSummary,
} from '@backtide/core/plan'
import { DAY_MS } from '@backtide/core/range'
import { addCounts } from '@backtide/core/state'
import { countObjects } from '@backtide/datasets/count-objects'
import { dayRows, laterRows, type DayRows } from '@backtide/store/day-rows'
import { likeObjects } from '@backtide/store/ledger/like-objects'
import { planObjectsApplied, putPlanObjects } from '@backtide/store/plans/plan-objects'
import { putPlan } from '@backtide/store/plans/plans'
import { createHash } from 'node:crypto'
import { findListed } from '../load/plan.ts'
import type { DrawContext, PlanCursor } from './cursor.ts'
import { lookAtPart, type Looking, type PartSeen } from './look-at-part.ts'
import { partsOf } from './parts.ts'
import { summarise } from './summarise.ts'

/**
 * Looks at every object of a request, some days at a time, notes what it sees of those a backfill would
 * ask for, and records what that comes to. Killed, it goes on where it was.
 */
export async function drawPlan(context: DrawContext, order: PlanOrder): Promise<PlanSummary> {
  const { store, dataset } = context
  const { planId, request, requestHash, createdAt } = order
  const { range, symbols, hours } = request
  await store.ensureTables([dataset.table])
  const like = new Map((await likeObjects(store.db, dataset.id)).map((one) => [one.series, one]))
  const { source } = dataset
  const looking: Looking = {
    symbols,
    hours,
    claim: { backfillId: planId, reprocess: request.reprocess, now: context.now() },
    listed: await findListed(store, dataset, symbols),
    sizeOf: sizeEstimate(like, source.kind === 's3' ? source.typicalBytes : undefined),
  }
  const days = await dayRows(store.db, dataset.table)
  const parts = partsOf(dataset, range, symbols)
  let cursor = resume(context, countObjects(dataset, range, symbols, hours))
  for (const part of parts.slice(cursor.next)) {
    const seen = await lookAtPart(context, looking, part)
    await putPlanObjects(store.db, planId, seen.seen, cursor.noted)
    cursor = add(cursor, seen, await rewritten(context, seen, days))
    context.report(cursor)
  }
  await planObjectsApplied(store.db, context.signal)
  const summary = await summarise(context, cursor, { like, days })
  const { namespace } = context
  await putPlan(store.db, { id: planId, namespace, createdAt, requestHash, request, summary })
  return summary
}

function resume({ before, now }: DrawContext, total: number): PlanCursor {
  const beginning: PlanCursor = {
    next: 0,
    objects: 0,
    total,
    planned: NOTHING_PLANNED,
    gets: 0,
    noted: 0,
    exact: true,
    rewrites: { rows: 0, bytes: 0, days: 0 },
    hash: '',
    seenAt: now(),
  }
  return before?.next === undefined ? beginning : { ...beginning, ...before }
}

function add(cursor: PlanCursor, seen: PartSeen, rewrites: readonly DayRows[]): PlanCursor {
  const sum = (of: (one: DayRows) => number) => rewrites.reduce((total, one) => total + of(one), 0)
  return {
    ...cursor,
    next: cursor.next + 1,
    objects: cursor.objects + seen.total,
    planned: addPlanned(cursor.planned, seen.planned),
    gets: cursor.gets + seen.gets,
    noted: cursor.noted + seen.seen.length,
    exact: cursor.exact && seen.exact,
    rewrites: {
      rows: cursor.rewrites.rows + sum(({ rows }) => rows),
      bytes: cursor.rewrites.bytes + sum(({ bytes }) => bytes),
      days: cursor.rewrites.days + rewrites.length,
    },
    hash: createHash('sha256').update(`${cursor.hash} ${seen.hash}`).digest('hex'),
  }
}

function addPlanned(a: PlannedObjects, b: PlannedObjects): PlannedObjects {
  return {
    load: { objects: a.load.objects + b.load.objects, bytes: a.load.bytes + b.load.bytes },
    kept: { objects: a.kept.objects + b.kept.objects, bytes: a.kept.bytes + b.kept.bytes },
    unchanged: a.unchanged + b.unchanged,
    absent: {
      missing: a.absent.missing + b.absent.missing,
      pending: a.absent.pending + b.absent.pending,
    },
    notListed: a.notListed + b.notListed,
    skipped: addCounts(a.skipped, b.skipped),
  }
}

/** What lies in days behind the first partition that is loaded: QuestDB writes it again. */
async function rewritten(
  { store, dataset }: DrawContext,
  { firsts }: PartSeen,
  days: ReadonlyMap<number, DayRows>,
): Promise<readonly DayRows[]> {
  const all: DayRows[] = []
  for (const [day, first] of firsts) {
    const there = days.get(day)
    if (!there) continue
    const isWhole = first <= day || first >= day + DAY_MS
    const rows = isWhole ? there.rows : await laterRows(store.db, dataset.table, first)
    if (rows > 0) all.push({ rows, bytes: Math.round((there.bytes / there.rows) * rows) })
  }
  return all
}
