import { assignmentId, type Assignment } from '@backtide/core/live'
import { collectWorkflowId } from '@backtide/core/ids'
import { CHANNELS } from '@backtide/core/channel'
import { parseInstant } from '@backtide/core/range'
import { createRoute, z } from '@hono/zod-openapi'
import { workflowPage, type Deps } from '../deps.ts'
import { wholeNumber } from '../http/fields.ts'
import { ProblemError } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import type { FeedRun } from '../temporal/feeds.ts'
import { collectFeeds } from './collect.ts'
import {
  collectBody,
  collectSchema,
  feedsSchema,
  HOLE_STATES,
  holesSchema,
  steerBody,
  steeredSchema,
  type ConnectionView,
} from './schemas.ts'

const collect = createRoute({
  method: 'post',
  path: '/feeds',
  summary: 'Have feeds collected; those that are collected already stay as they are',
  request: { body: { required: true, content: { 'application/json': { schema: collectBody } } } },
  responses: { 202: json(collectSchema, 'Under way.'), ...problems(400, 409, 413, 415, 422, 503) },
})

const list = createRoute({
  method: 'get',
  path: '/feeds',
  summary: 'What is collected, and how it goes',
  responses: { 200: json(feedsSchema, 'A connection each.'), ...problems(503) },
})

const SUMMARIES = {
  pause: 'Stop collecting a connection until it is resumed; what is missed is a hole',
  resume: 'Collect a connection again',
  cancel: 'Stop collecting a connection for good',
} as const

const steer = <const Verb extends keyof typeof SUMMARIES>(verb: Verb) =>
  createRoute({
    method: 'post',
    path: `/feeds/${verb}`,
    summary: SUMMARIES[verb],
    request: { body: { required: true, content: { 'application/json': { schema: steerBody } } } },
    responses: { 202: json(steeredSchema, 'Accepted.'), ...problems(400, 404, 415, 422, 503) },
  })

const time = z
  .string()
  .max(40)
  .transform((text, context) => {
    const at = parseInstant(text)
    if (at !== undefined) return at
    context.addIssue({ code: 'custom', message: 'Use a time such as 2025-01-01T00:00:00Z.' })
    return z.NEVER
  })
  .optional()
  .openapi({ type: 'string', example: '2025-01-01T00:00:00Z' })
const name = z.string().max(40).optional()

const holes = createRoute({
  method: 'get',
  path: '/holes',
  summary: 'When feeds may have missed something, the newest first',
  request: {
    query: z.strictObject({
      exchange: name,
      market: name,
      symbol: name,
      channel: z.enum(CHANNELS).optional(),
      state: z.enum([...HOLE_STATES, 'all']).default('open'),
      from: time,
      to: time,
      limit: wholeNumber(1000, 100),
    }),
  },
  responses: { 200: json(holesSchema, 'A row for each channel.'), ...problems(422, 503) },
})

/** Routes of feeds and their holes. */
export function feedRoutes(deps: Deps) {
  const verb = async (what: keyof typeof SUMMARIES, body: z.infer<typeof steerBody>) => {
    const { id, reason, by } = body
    const remark = { ...(reason !== undefined && { reason }), ...(by !== undefined && { by }) }
    if (await deps.feeds.steer(id, what, remark)) return { id, warnings: [] }
    const detail = `Nobody collects ${JSON.stringify(id)}; backtide feeds lists what is.`
    throw new ProblemError({ code: 'not_found', detail })
  }
  return createRouter()
    .openapi(collect, async (c) => {
      const { connections, warnings } = await collectFeeds(deps, c.req.valid('json'))
      const body = {
        connections: connections.map(({ assignment, started }) => ({
          ...namesOf(deps, assignment),
          started,
        })),
        warnings: [...warnings, ...(await hostWarnings(deps))],
      }
      return c.json(body, 202)
    })
    .openapi(list, async (c) => {
      const runs = await deps.feeds.list()
      const connections = runs.map((run) => viewRun(deps, run)).toSorted(byId)
      const warnings = runs.length > 0 ? await hostWarnings(deps) : []
      return c.json({ connections, warnings }, 200)
    })
    .openapi(steer('pause'), async (c) => c.json(await verb('pause', c.req.valid('json')), 202))
    .openapi(steer('resume'), async (c) => c.json(await verb('resume', c.req.valid('json')), 202))
    .openapi(steer('cancel'), async (c) => c.json(await verb('cancel', c.req.valid('json')), 202))
    .openapi(holes, async (c) => {
      const { state, limit, ...asked } = c.req.valid('query')
      const states = state === 'all' ? HOLE_STATES : [state]
      const found = await deps.store.listHoles({ ...asked, states, limit: limit + 1 })
      const shown = found.slice(0, limit).map(({ server, ...hole }) => ({ ...hole, host: server }))
      return c.json({ holes: shown, more: found.length > limit }, 200)
    })
}

const NO_HOST =
  'no worker takes feeds: start one with BACKTIDE_ROLES=live (npm start brings one); until then nothing is collected'

async function hostWarnings({ feeds }: Deps): Promise<string[]> {
  return (await feeds.hasHosts()) ? [] : [NO_HOST]
}

function namesOf({ settings }: Deps, assignment: Assignment) {
  const { exchange, market, connection, replica, wanted } = assignment
  const id = assignmentId(assignment)
  return {
    id,
    exchange,
    market,
    connection,
    replica,
    feeds: wanted.map(({ symbol, channels }) => ({ symbol, channels: [...channels] })),
    temporalUi: workflowPage(settings, collectWorkflowId(id)),
  }
}

function viewRun(deps: Deps, run: FeedRun): ConnectionView {
  const { assignment, paused, pending, progress } = run
  const reason = paused ? paused.reason : pending?.error
  return {
    ...namesOf(deps, assignment),
    state: stateOf(run),
    ...(reason !== undefined && { reason }),
    host: pending?.atWork === true ? (progress?.server ?? null) : null,
    durable: progress?.durable ?? null,
    messages: progress?.messages ?? 0,
    bytes: progress?.bytes ?? 0,
    connects: progress?.connects ?? 0,
    openHoles: progress?.openHoles ?? 0,
    withoutData: [...(progress?.waiting ?? [])],
  }
}

function stateOf({ paused, pending, progress }: FeedRun): ConnectionView['state'] {
  if (paused) return 'paused'
  if (pending?.atWork !== true) return pending?.error === undefined ? 'waiting' : 'retrying'
  return progress?.state === 'running' ? 'running' : 'connecting'
}

function byId(left: ConnectionView, right: ConnectionView): number {
  return left.id.localeCompare(right.id, 'en', { numeric: true })
}
