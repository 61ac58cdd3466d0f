import { PLAN_DAYS } from '@backtide/core/plan'
import { formatInstant, DAY_MS } from '@backtide/core/range'
import { scopeOf, type BackfillRequest } from '@backtide/core/request'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import type { PlanRecord } from '@backtide/store/plans/plans'
import { idOfKey, requestHash } from '../backfills/identity.ts'
import { submit } from '../backfills/submit.ts'
import type { Deps } from '../deps.ts'
import { ProblemError } from '../http/problem.ts'
import { readyPlan } from './plans.ts'

/** What somebody wants carried out. */
export interface Application {
  readonly planId: string
  readonly maxCostUsd?: number | undefined
  readonly key?: string | undefined
}

/**
 * Starts the backfill that a plan is of, or finds the one that was started. Of what the plan saw the
 * ledger is looked at now; its objects are, as they are fetched.
 * @throws ProblemError 404, 409 when it is not ready, 412 when the ledger has changed since or it is too old
 */
export async function applyPlan(
  deps: Deps,
  { planId, maxCostUsd, key }: Application,
): Promise<BackfillRecord> {
  const receivedAt = deps.now()
  const plan = await readyPlan(deps, planId)
  const limit = maxCostUsd ?? plan.request.maxCostUsd
  const request = { ...plan.request, planId, ...(limit !== undefined && { maxCostUsd: limit }) }
  if (!(await isUnderWay(deps, request, key))) await checkFresh(deps, plan)
  return await submit(deps, { request, key, receivedAt })
}

/** Whether it was begun, and changed the ledger itself. */
async function isUnderWay(
  { store }: Deps,
  request: BackfillRequest,
  key: string | undefined,
): Promise<boolean> {
  if (key !== undefined && (await store.findBackfill(idOfKey(key)))) return true
  const records = await store.backfillsOfRequest(requestHash(request))
  return records.some(({ ended }) => !ended)
}

async function checkFresh(
  { store, now }: Deps,
  { id, createdAt, request, summary: { seenAt } }: PlanRecord,
): Promise<void> {
  const again = 'Plan again, and carry out that plan.'
  if (now() - createdAt > PLAN_DAYS * DAY_MS) {
    const detail = `Plan ${id} is older than ${PLAN_DAYS} days: what it saw is not kept longer. ${again}`
    throw new ProblemError({ code: 'plan_stale', detail })
  }
  const difference = await store.changedSince(scopeOf(request), seenAt)
  if (!difference) return
  const { objects, samples } = difference
  const more = objects > samples.length ? ', …' : ''
  const detail =
    `The ledger of ${objects} objects was written since plan ${id} looked at it ` +
    `(${formatInstant(seenAt)}): ${samples.join('; ')}${more}. ${again}`
  throw new ProblemError({ code: 'plan_stale', detail })
}
