import type { PlanSummary } from '@backtide/core/plan'
import type { BackfillRequest } from '@backtide/core/request'
import { insertRows } from '../insert-rows.ts'
import type { QuestDb, Row } from '../questdb.ts'
import { instant, sql, trusted } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'
import { PLANS } from './tables.ts'

/** A plan that was drawn up. */
export interface PlanRecord {
  readonly id: string
  /** Namespace of Temporal. */
  readonly namespace: string
  /** UTC milliseconds. */
  readonly createdAt: number
  readonly requestHash: string
  readonly request: BackfillRequest
  readonly summary: PlanSummary
}

/** Records a plan, and waits until it can be read. */
export async function putPlan(db: QuestDb, plan: PlanRecord): Promise<void> {
  const { id, namespace, createdAt, requestHash, request, summary } = plan
  await insertRows(db, PLANS, [
    {
      created_at: createdAt,
      id,
      namespace,
      dataset: request.dataset,
      request_hash: requestHash,
      request: JSON.stringify(request),
      summary: JSON.stringify(summary),
    },
  ])
  await waitApplied(db, PLANS.name)
}

/** A plan by its id. */
export async function findPlan(db: QuestDb, id: string): Promise<PlanRecord | undefined> {
  const rows = await db.query(sql`SELECT ${COLUMNS} FROM plans WHERE id = ${id}`)
  return rows.map(readPlan).at(0)
}

/** Plans of a namespace, newest first, that were asked for before an instant (UTC milliseconds). */
export async function listPlans(
  db: QuestDb,
  { namespace, limit, before }: PlanPage,
): Promise<readonly PlanRecord[]> {
  const rows = await db.query(
    sql`SELECT ${COLUMNS} FROM plans
      WHERE namespace = ${namespace} AND created_at < ${instant(before ?? END_OF_TIME)}
      ORDER BY created_at DESC, id LIMIT ${limit}`,
  )
  return rows.map(readPlan)
}

export interface PlanPage {
  readonly namespace: string
  readonly limit: number
  readonly before?: number
}

const END_OF_TIME = Date.UTC(9999, 0, 1)

const COLUMNS = trusted('created_at, id, namespace, request_hash, request, summary')

function readPlan([createdAt, id, namespace, requestHash, request, summary]: Row): PlanRecord {
  return {
    id: String(id),
    namespace: String(namespace),
    createdAt: Date.parse(String(createdAt)),
    requestHash: String(requestHash),
    request: JSON.parse(String(request)) as BackfillRequest,
    summary: JSON.parse(String(summary)) as PlanSummary,
  }
}
