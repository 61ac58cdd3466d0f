import { resolveScope } from '@backtide/core/request'
import { partitionKey, partitionLength } from '@backtide/core/partition'
import { costOf } from '@backtide/core/prices'
import { DAY_MS, formatInstant } from '@backtide/core/range'
import type { Dataset } from '@backtide/datasets/dataset'
import { createRoute, z } from '@hono/zod-openapi'
import type { Deps } from '../deps.ts'
import { count, instant } from '../http/fields.ts'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'

const probeBody = z
  .strictObject({
    dataset: z.string(),
    coin: z.string().max(100).optional(),
    interval: z.string().max(10).optional(),
  })
  .meta({ example: { dataset: 'hyperliquid.l2_book', coin: 'ATOM' } })

const foundSchema = z
  .object({
    dataset: z.string(),
    coins: z.array(z.string()).optional(),
    intervals: z.array(z.string()).optional(),
    from: instant,
    to: instant.openapi({ description: 'Exclusive: one partition.' }),
    partition: z.string(),
    object: z.string(),
    size: count.openapi({ description: 'Compressed bytes.' }),
    usd: z.number().openapi({ description: 'Dollars it would cost, by list prices.' }),
  })
  .openapi('ProbedObject', { description: 'An object that is there; its fields make a backfill.' })

const probe = createRoute({
  method: 'post',
  path: '/probes',
  summary: 'Find a recent object of a dataset, and how large it is, without loading it',
  request: { body: { required: true, content: { 'application/json': { schema: probeBody } } } },
  responses: { 200: json(foundSchema, 'It is there.'), ...problems(400, 409, 413, 415, 422, 503) },
})

/** Archives are published by the day, the week or the month. */
const DAYS_AGO = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89]

/** The route that looks for an object which can be tried. */
export function probeRoutes(deps: Deps) {
  return createRouter().openapi(probe, async (c) => {
    const { dataset: id, coin, interval } = c.req.valid('json')
    const now = deps.now()
    const scope = {
      dataset: id,
      ...(coin !== undefined && { coins: [coin] }),
      ...(interval !== undefined && { intervals: [interval] }),
    }
    const today = startOfDay(now)
    const range = { from: formatInstant(today - DAY_MS), to: formatInstant(today) }
    const resolved = resolveScope({ ...scope, ...range }, deps.registry, now)
    if (!resolved.ok) throw invalidRequest(resolved.errors)
    const { symbols } = resolved.value
    const dataset = deps.registry.find(id)
    const [symbol] = symbols
    if (!dataset || symbol === undefined) throw nothing('there is no such dataset')
    const found = await deps.runs.probe({ dataset: id, symbol, starts: recent(dataset, now) })
    if (found === undefined)
      throw nothing('no worker looked for it in time; backtide doctor says more')
    if ('reason' in found) throw nothing(found.reason)
    const rates = deps.settings.spending?.ratesOf(dataset.source)
    const end = found.partition + partitionLength(dataset.granularity)
    return c.json(
      {
        ...scope,
        from: formatInstant(found.partition),
        to: formatInstant(end),
        partition: partitionKey(found.partition, dataset.granularity),
        object: found.object,
        size: found.size,
        usd: costOf({ gets: 1, lists: 0, bytes: found.size }, rates),
      },
      200,
    )
  })
}

/** Partitions in the middle of days, newest first. */
function recent({ granularity, begins }: Dataset, now: number): readonly number[] {
  const hour = granularity === 'hour' ? DAY_MS / 2 : 0
  return DAYS_AGO.map((days) => startOfDay(now - days * DAY_MS) + hour).filter((at) => at >= begins)
}

function startOfDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS
}

function nothing(reason: string): ProblemError {
  return new ProblemError({ code: 'conflict', detail: `No object was found: ${reason}.` })
}
