import { resolveRequest, startBody } from '@backtide/core/request'
import { createRoute, z } from '@hono/zod-openapi'
import { checkCost } from '../budget/confirm.ts'
import type { Deps } from '../deps.ts'
import { cursor, wholeNumber } from '../http/fields.ts'
import { invalidRequest } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { applyPlan } from '../plans/apply.ts'
import {
  BACKFILL_STATES,
  backfillPage,
  backfillParams,
  backfillSchema,
  objectPage,
  objectSchema,
} from './schemas.ts'
import { askedWithStar, expandCoins, warnOfCoins } from './listed-coins.ts'
import { listBackfills } from './list.ts'
import { listObjects } from './objects.ts'
import { findBackfill } from './reconcile.ts'
import { submit } from './submit.ts'
import { viewAccepted, viewBackfill } from './view.ts'

const idempotencyKey = z
  .string()
  .regex(
    /^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/,
    'Use 1 to 200 printable ASCII characters.',
  )
  .optional()
  .openapi({ description: 'The same key is the same backfill, for ever; with another body: 422.' })

const post = createRoute({
  method: 'post',
  path: '/backfills',
  summary: 'Start a backfill, or find the one this request already is',
  request: {
    headers: z.object({ 'idempotency-key': idempotencyKey }),
    body: {
      required: true,
      content: { 'application/json': { schema: startBody } },
    },
  },
  responses: {
    202: {
      ...json(backfillSchema, 'Accepted; Location is its status.'),
      headers: z.object({ Location: z.string() }),
    },
    ...problems(400, 404, 409, 412, 413, 415, 422, 503),
  },
})

const list = createRoute({
  method: 'get',
  path: '/backfills',
  summary: 'Backfills, newest first',
  request: {
    query: z.strictObject({
      limit: wholeNumber(200, 50),
      cursor,
      state: z.enum(BACKFILL_STATES).optional(),
    }),
  },
  responses: { 200: json(backfillPage, 'A page.'), ...problems(422, 503) },
})

const status = createRoute({
  method: 'get',
  path: '/backfills/{id}',
  summary: 'Status of a backfill',
  request: { params: backfillParams },
  responses: { 200: json(backfillSchema, 'Its status.'), ...problems(404, 503) },
})

const partitions = createRoute({
  method: 'get',
  path: '/backfills/{id}/partitions',
  summary: 'Objects of a backfill by partition and series',
  request: {
    params: backfillParams,
    query: z.strictObject({
      limit: wholeNumber(1_000, 100),
      cursor,
      state: objectSchema.shape.state.optional(),
    }),
  },
  responses: { 200: json(objectPage, 'A page.'), ...problems(404, 422, 503) },
})

/** Routes that start and show backfills. */
export function backfillRoutes(deps: Deps) {
  return createRouter()
    .openapi(post, async (c) => {
      const receivedAt = deps.now()
      const body = c.req.valid('json')
      if ('planId' in body) {
        const key = c.req.valid('header')['idempotency-key']
        const applied = await applyPlan(deps, { ...body, key })
        c.header('Location', `/backfills/${applied.id}`)
        return c.json(await viewAccepted(deps, applied, []), 202)
      }
      const resolved = resolveRequest(await expandCoins(deps, body), deps.registry, receivedAt)
      if (!resolved.ok) throw invalidRequest(resolved.errors)
      const key = c.req.valid('header')['idempotency-key']
      const { request, warnings } = resolved.value
      if (!body.confirmed) await checkCost(deps, request)
      const asked = askedWithStar(resolved.value.asked, body)
      const record = await submit(deps, { request, asked, key, receivedAt })
      c.header('Location', `/backfills/${record.id}`)
      return c.json(
        await viewAccepted(deps, record, [...warnings, ...(await warnOfCoins(deps, request))]),
        202,
      )
    })
    .openapi(list, async (c) => c.json(await listBackfills(deps, c.req.valid('query')), 200))
    .openapi(status, async (c) => {
      const record = await findBackfill(deps, c.req.valid('param').id)
      return c.json(await viewBackfill(deps, record), 200)
    })
    .openapi(partitions, async (c) => {
      const { request } = await findBackfill(deps, c.req.valid('param').id)
      return c.json(await listObjects(deps, request, c.req.valid('query')), 200)
    })
}
