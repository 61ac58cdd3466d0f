import type { FieldError } from '@backtide/core/problem'
import { DAY_MS, parseInstant, type Range } from '@backtide/core/range'
import { DERIVED, findDerived } from '@backtide/datasets/derived/registry'
import { createRoute, z } from '@hono/zod-openapi'
import { workflowPage, type Deps } from '../deps.ts'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { listDerived } from './list.ts'
import { derivedListSchema, rebuildBody, rebuildSchema, type RebuildBody } from './schemas.ts'

const list = createRoute({
  method: 'get',
  path: '/derived',
  summary: 'What is made of what was loaded, and which days of it are stale',
  responses: { 200: json(derivedListSchema, 'All of it.'), ...problems(503) },
})

const rebuild = createRoute({
  method: 'post',
  path: '/derived/{name}/rebuild',
  summary: 'Have something derived dropped and made anew',
  description:
    'Of the days of a range, or all. Without a range its table is dropped, where nothing else writes to it. Asked again while it is at work, it does both, one after the other.',
  request: {
    params: z.object({ name: z.string().max(100).openapi({ example: 'fills_1m' }) }),
    body: { required: true, content: { 'application/json': { schema: rebuildBody } } },
  },
  responses: {
    202: json(rebuildSchema, 'Under way; GET /derived tells how far it is.'),
    ...problems(400, 404, 413, 415, 422, 503),
  },
})

/** Routes of what is derived. */
export function derivedRoutes(deps: Deps) {
  return createRouter()
    .openapi(list, async (c) => c.json(await listDerived(deps), 200))
    .openapi(rebuild, async (c) => {
      const { name } = c.req.valid('param')
      if (!findDerived(name)) throw noSuchDerived(name)
      const range = readDays(c.req.valid('json'), deps.now())
      const { tempo } = deps.settings
      const request = { rebuild: true, ...(range && { range }) }
      const id = await deps.runs.refreshDerived({ name, tempo }, request)
      return c.json({ name, id, temporalUi: workflowPage(deps.settings, id) }, 202)
    })
}

function noSuchDerived(name: string): ProblemError {
  const known = DERIVED.map((one) => one.name).join(', ')
  const detail = `Nothing derived is called ${JSON.stringify(name)}; there are ${known}.`
  return new ProblemError({ code: 'not_found', detail })
}

/** Whole days; a bound that is left out is the first day there can be, or today. */
function readDays({ from, to }: RebuildBody, now: number): Range | undefined {
  if (from === undefined && to === undefined) return undefined
  const errors: FieldError[] = []
  const range = { from: 0, to: (Math.floor(now / DAY_MS) + 1) * DAY_MS }
  for (const [name, text] of Object.entries({ from, to })) {
    if (text === undefined) continue
    const at = parseInstant(text)
    if (at === undefined || at % DAY_MS !== 0) {
      errors.push({ pointer: `/${name}`, detail: 'Use a UTC day such as 2025-07-27.' })
    } else Object.assign(range, { [name]: at })
  }
  if (errors.length === 0 && range.from >= range.to) {
    errors.push({ pointer: '/to', detail: 'It must come after "from".' })
  }
  if (errors.length > 0) throw invalidRequest(errors)
  return range
}
