import { backfillBody, resolveRequest } from '@backtide/core/request'
import { createRoute, z } from '@hono/zod-openapi'
import { expandCoins } from '../backfills/listed-coins.ts'
import type { Deps } from '../deps.ts'
import { wholeNumber } from '../http/fields.ts'
import { invalidRequest } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { orderPlan, showPlan } from './plans.ts'
import { planPage, planParams, planSchema } from './schemas.ts'
import { viewPlan } from './view.ts'

const post = createRoute({
  method: 'post',
  path: '/plans',
  summary: 'Have it found out exactly what a backfill would do, and cost',
  description:
    'Objects are listed where the archive lists. Carry it out with POST /backfills {"planId": …}.',
  request: {
    body: { required: true, content: { 'application/json': { schema: backfillBody } } },
  },
  responses: {
    202: {
      ...json(planSchema, 'Under way; Location is where it will be.'),
      headers: z.object({ Location: z.string() }),
    },
    ...problems(400, 413, 415, 422, 503),
  },
})

const list = createRoute({
  method: 'get',
  path: '/plans',
  summary: 'Plans that are ready, newest first',
  request: { query: z.strictObject({ limit: wholeNumber(200, 50) }) },
  responses: { 200: json(planPage, 'Plans.'), ...problems(422, 503) },
})

const show = createRoute({
  method: 'get',
  path: '/plans/{id}',
  summary: 'A plan: how far it is, or what it came to',
  request: { params: planParams },
  responses: { 200: json(planSchema, 'The plan.'), ...problems(404, 503) },
})

/** Plans of backfills. */
export function planRoutes(deps: Deps) {
  return createRouter()
    .openapi(post, async (c) => {
      const body = await expandCoins(deps, c.req.valid('json'))
      // Whoever plans wants to know how large it is: nothing has to be confirmed.
      const resolved = resolveRequest({ ...body, confirmed: true }, deps.registry, deps.now())
      if (!resolved.ok) throw invalidRequest(resolved.errors)
      const { request, warnings } = resolved.value
      const plan = await orderPlan(deps, request, warnings)
      c.header('Location', `/plans/${plan.id}`)
      return c.json(plan, 202)
    })
    .openapi(list, async (c) => {
      const { limit } = c.req.valid('query')
      const { namespace } = deps.settings
      const plans = await deps.store.listPlans({ namespace, limit })
      return c.json({ plans: plans.map((plan) => viewPlan(deps, plan)) }, 200)
    })
    .openapi(show, async (c) => c.json(await showPlan(deps, c.req.valid('param').id), 200))
}
