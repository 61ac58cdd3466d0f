import { createRoute } from '@hono/zod-openapi'
import { BACKFILL_ID } from '../backfills/identity.ts'
import { findBackfill } from '../backfills/reconcile.ts'
import { backfillParams } from '../backfills/schemas.ts'
import { askWorkers } from '../backfills/workers.ts'
import type { Deps } from '../deps.ts'
import { noSuchBackfill, ProblemError } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { TemporalUnavailableError } from '../temporal/runs.ts'
import { viewBudget } from './budget.ts'
import { budgetSchema, raiseBody, raisedSchema } from './schemas.ts'

const show = createRoute({
  method: 'get',
  path: '/budget',
  summary: 'What was spent in this UTC month, and what may be',
  responses: {
    200: json(budgetSchema, 'From requests made and bytes sent, by all workers.'),
    ...problems(503),
  },
})

const raise = createRoute({
  method: 'post',
  path: '/backfills/{id}/budget',
  summary: 'Change how many dollars a backfill may cost; one paused for it goes on when resumed',
  request: {
    params: backfillParams,
    body: { required: true, content: { 'application/json': { schema: raiseBody } } },
  },
  responses: {
    202: json(raisedSchema, 'Changed.'),
    ...problems(400, 404, 409, 413, 415, 422, 503),
  },
})

/** What is spent, and how much may be. */
export function budgetRoutes(deps: Deps) {
  return createRouter()
    .openapi(show, async (c) => c.json(await viewBudget(deps), 200))
    .openapi(raise, async (c) => {
      const { maxCostUsd } = c.req.valid('json')
      return c.json(await setBudget(deps, c.req.valid('param').id, maxCostUsd), 202)
    })
}

/** @throws ProblemError 404 unknown, 409 closed; TemporalUnavailableError without a worker */
async function setBudget(deps: Deps, id: string, maxCostUsd: number) {
  if (!BACKFILL_ID.test(id)) throw noSuchBackfill(id)
  const run = await deps.runs.describe(id)
  if (run?.status !== 'running') {
    await findBackfill(deps, id)
    const detail = `Backfill ${id} has ended: nothing is spent for it any more.`
    throw new ProblemError({ code: 'conflict', detail })
  }
  const { control } = await askWorkers(deps)
  if (!control) throw new TemporalUnavailableError('No worker is there to take the change.')
  if (!(await deps.runs.setBudget(id, maxCostUsd))) {
    throw new ProblemError({ code: 'conflict', detail: `Backfill ${id} has ended meanwhile.` })
  }
  return { id, maxCostUsd, warnings: [] }
}
