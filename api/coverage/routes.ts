import { GAP_CAUSES } from '@backtide/core/gap'
import { partitionLength } from '@backtide/core/partition'
import { fillRange } from '@backtide/core/range'
import { resolveScope, scopeFields, type Scope } from '@backtide/core/request'
import type { AskedScope } from '@backtide/core/check-scope'
import type { Dataset } from '@backtide/datasets/dataset'
import { createRoute, z } from '@hono/zod-openapi'
import type { Deps } from '../deps.ts'
import { cursor, nameList, wholeNumber } from '../http/fields.ts'
import { invalidRequest } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { coverage } from './coverage.ts'
import { causeList, listGaps, span } from './gaps.ts'
import { repair } from './repair.ts'
import { COVER_BY, coverageSchema, gapPage, repairBody, repairSchema } from './schemas.ts'

const part = {
  dataset: scopeFields.dataset,
  coins: nameList.optional().openapi({ example: 'BTC,ETH' }),
  intervals: nameList
    .optional()
    .openapi({ description: 'Where the dataset has them: `1m,5m`, or `all`.' }),
  from: scopeFields.from.optional().openapi({ description: 'Seven days before `to`.' }),
  to: scopeFields.to.optional().openapi({
    description: 'Exclusive; the end of the last hour or day that has ended.',
  }),
}

const cover = createRoute({
  method: 'get',
  path: '/coverage',
  summary: 'What is complete, what is not, and why',
  request: {
    query: z.strictObject({
      ...part,
      by: z.enum(COVER_BY).default('day').openapi({ description: 'What it is divided into.' }),
      detail: z.literal('partitions').optional().openapi({
        description: 'For one coin (at one interval), by day: also the state of each partition.',
      }),
    }),
  },
  responses: { 200: json(coverageSchema, 'Coverage, from the ledger.'), ...problems(422, 503) },
})

const gaps = createRoute({
  method: 'get',
  path: '/gaps',
  summary: 'Where a range is not complete, and why: consecutive partitions of one cause as one',
  request: {
    query: z.strictObject({
      ...part,
      min: span.optional().openapi({ description: 'Only gaps of this length, or longer.' }),
      cause: causeList.optional().openapi({ description: 'Only gaps of these causes.' }),
      limit: wholeNumber(1_000, 100),
      cursor,
    }),
  },
  responses: { 200: json(gapPage, 'A page.'), ...problems(422, 503) },
})

const mend = createRoute({
  method: 'post',
  path: '/repairs',
  summary: 'Load what of some parts of a dataset is repairable, and nothing else',
  description:
    'Repairable is what a load could change: what nobody asked for yet, `failed`, `reset`, `unverified`, `pending` when it is due, and what an older decoder could not read. A part may be of any size; contiguous days become one backfill. An equal one that is still open is found, not started again.',
  request: { body: { required: true, content: { 'application/json': { schema: repairBody } } } },
  responses: {
    200: json(repairSchema, 'Nothing was started: nothing is repairable, or `dryRun`.'),
    202: json(repairSchema, 'What was started.'),
    ...problems(400, 413, 415, 422, 503),
  },
})

/** What the ledger says of a range, and how to mend it. */
export function coverageRoutes(deps: Deps) {
  return createRouter()
    .openapi(cover, async (c) => {
      const { detail, by, ...asked } = c.req.valid('query')
      const { scope, dataset } = resolve(deps, asked)
      const how = { by, detail: detail !== undefined }
      return c.json(await coverage(deps, scope, dataset, how), 200)
    })
    .openapi(gaps, async (c) => {
      const { min, cause, limit, cursor: after, ...asked } = c.req.valid('query')
      const { scope, dataset } = resolve(deps, asked)
      const which = { atLeast: min ?? 0, causes: cause ?? GAP_CAUSES, limit, cursor: after }
      return c.json(await listGaps(deps, scope, dataset, which), 200)
    })
    .openapi(mend, async (c) => {
      const answer = await repair(deps, c.req.valid('json'))
      return c.json(answer, answer.backfills.some(({ id }) => id !== null) ? 202 : 200)
    })
}

function resolve(
  { registry, now }: Deps,
  asked: Omit<AskedScope, 'from' | 'to'> & Bounds,
): { readonly scope: Scope; readonly dataset: Dataset } {
  const dataset = registry.find(asked.dataset)
  const range = fillRange(asked, partitionLength(dataset?.granularity ?? 'hour'), now())
  const scope = resolveScope({ ...asked, ...range }, registry, now())
  if (!scope.ok) throw invalidRequest(scope.errors)
  if (!dataset) throw new Error(`${asked.dataset} was there a moment ago`)
  return { scope: scope.value, dataset }
}

interface Bounds {
  readonly from?: string | undefined
  readonly to?: string | undefined
}
