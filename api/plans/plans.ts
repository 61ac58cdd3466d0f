import { randomBytes } from 'node:crypto'
import { PLAN_ID, planIdAt, type PlanOrder } from '@backtide/core/plan'
import type { BackfillRequest } from '@backtide/core/request'
import type { PlanRecord } from '@backtide/store/plans/plans'
import { requestHash } from '../backfills/identity.ts'
import type { Deps } from '../deps.ts'
import { ProblemError } from '../http/problem.ts'
import type { PlanView } from './schemas.ts'
import { viewOpenPlan, viewPlan } from './view.ts'

/** Has a plan drawn up; every request has its own, as the world may have changed. */
export async function orderPlan(
  deps: Deps,
  request: BackfillRequest,
  warnings: readonly string[],
): Promise<PlanView> {
  const createdAt = deps.now()
  const id = planIdAt(createdAt, randomBytes(4).toString('hex'))
  const { granularity } = deps.registry.find(request.dataset) ?? {}
  if (!granularity) throw new Error(`${request.dataset} was there a moment ago`)
  const { tempo } = deps.settings
  const order: PlanOrder = {
    planId: id,
    request,
    requestHash: requestHash(request),
    createdAt,
    granularity,
    tempo,
  }
  await deps.runs.startPlan(order)
  return viewOpenPlan(deps, { id, createdAt, request, state: 'running', warnings })
}

/** A plan as it is now. @throws ProblemError 404 */
export async function showPlan(deps: Deps, id: string): Promise<PlanView> {
  if (!PLAN_ID.test(id)) throw noSuchPlan(id)
  const known = await deps.store.findPlan(id)
  if (known) return viewPlan(deps, known)
  const run = await deps.runs.describePlan(id)
  if (!run) throw noSuchPlan(id)
  // It records itself before it ends.
  const ended = run.state === 'ready' ? await deps.store.findPlan(id) : undefined
  if (ended) return viewPlan(deps, ended)
  const { order, objects, reason } = run
  const state = run.state === 'running' ? 'running' : 'failed'
  const { createdAt, request } = order
  return viewOpenPlan(deps, { id, createdAt, request, state, reason, objects })
}

/**
 * A plan that can be carried out.
 * @throws ProblemError 404 unknown, 409 while it is being drawn up, or could not be
 */
export async function readyPlan(deps: Deps, id: string): Promise<PlanRecord> {
  const plan = PLAN_ID.test(id) ? await deps.store.findPlan(id) : undefined
  if (plan?.namespace === deps.settings.namespace) return plan
  const { state } = await showPlan(deps, id)
  const detail =
    state === 'running'
      ? `Plan ${id} is still being drawn up: wait until it is ready.`
      : `Plan ${id} cannot be carried out here: it is ${state}.`
  throw new ProblemError({ code: 'plan_not_ready', detail, state })
}

function noSuchPlan(id: string): ProblemError {
  const detail = `There is no plan ${JSON.stringify(id.slice(0, 100))}.`
  return new ProblemError({ code: 'not_found', detail })
}
