import { MAX_CONCURRENCY, ORDERS } from '@backtide/core/backfill-options'
import { faultOfChange, LOWEST_PRIORITY, type OptionsChange } from '@backtide/core/running-options'
import { createRoute, z } from '@hono/zod-openapi'
import type { Deps } from '../deps.ts'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { TemporalUnavailableError } from '../temporal/runs.ts'
import { findBackfill, reconcile } from './reconcile.ts'
import { backfillParams, backfillSchema } from './schemas.ts'
import { viewBackfill } from './view.ts'
import { askWorkers, NO_WORKER } from './workers.ts'

const changeBody = z
  .strictObject({
    order: z.enum(ORDERS).optional(),
    concurrency: z.int().min(1).max(MAX_CONCURRENCY).optional(),
    priority: z.int().min(1).max(LOWEST_PRIORITY).optional(),
    maxFailedDays: z.int().min(1).nullable().optional().describe('null takes the limit away.'),
    maxFailedPercent: z.number().gt(0).max(100).nullable().optional(),
  })
  .meta({
    description: 'What is named is changed, for days that are started from then on.',
    example: { concurrency: 8, priority: 4 },
  })

const patch = createRoute({
  method: 'patch',
  path: '/backfills/{id}',
  summary: 'Change options of a backfill while it runs',
  request: {
    params: backfillParams,
    body: { required: true, content: { 'application/json': { schema: changeBody } } },
  },
  responses: {
    200: json(backfillSchema, 'Its status; the options are changed.'),
    ...problems(400, 404, 409, 415, 422, 503),
  },
})

/** The route that changes a backfill while it runs. */
export function changeRoutes(deps: Deps) {
  return createRouter().openapi(patch, async (c) => {
    const { id } = c.req.valid('param')
    const named = Object.entries(c.req.valid('json')).filter(([, value]) => value !== undefined)
    await change(deps, id, Object.fromEntries(named))
    return c.json(await viewBackfill(deps, await findBackfill(deps, id)), 200)
  })
}

/** @throws ProblemError 404 unknown, 409 closed, 422 nothing named */
async function change(deps: Deps, id: string, options: OptionsChange): Promise<void> {
  const fault = faultOfChange(options)
  if (fault) throw invalidRequest([{ pointer: '', detail: `${fault}.` }])
  const { record, run } = await reconcile(deps, await findBackfill(deps, id))
  if (!run) throw nothingToChange(id, record.ended?.outcome ?? 'closed')
  // It is a worker that takes the change: without one nobody would answer.
  const { control } = await askWorkers(deps)
  if (!control) throw new TemporalUnavailableError(`${NO_WORKER}. Nothing was changed.`)
  if (!(await deps.runs.setOptions(id, options))) throw nothingToChange(id, 'ending')
}

function nothingToChange(id: string, state: string): ProblemError {
  const detail = `Backfill ${id} is ${state}; there is nothing to change any more.`
  return new ProblemError({ code: 'conflict', detail, state })
}
