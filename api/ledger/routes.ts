import { resetBody } from '@backtide/core/reset-request'
import { createRoute } from '@hono/zod-openapi'
import type { Deps } from '../deps.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { resetSchema } from './schemas.ts'
import { reset } from './reset.ts'

const forget = createRoute({
  method: 'post',
  path: '/ledger/reset',
  summary:
    'Forget what is known of the objects that have rows in a range: a backfill loads them again',
  description:
    'For rows that were dropped, or are not to be trusted. It takes the objects of every dataset that fills the same table, and those of the partitions before and after whose rows are stamped in the range. The rows themselves stay.',
  request: { body: { required: true, content: { 'application/json': { schema: resetBody } } } },
  responses: {
    200: json(resetSchema, 'What was forgotten; with `dryRun`, what would be.'),
    ...problems(400, 409, 413, 415, 422, 503),
  },
})

/** Routes that correct the ledger. */
export function ledgerRoutes(deps: Deps) {
  return createRouter().openapi(forget, async (c) =>
    c.json(await reset(deps, c.req.valid('json')), 200),
  )
}
