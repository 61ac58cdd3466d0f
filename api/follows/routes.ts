import { createRoute, z } from '@hono/zod-openapi'
import type { Deps } from '../deps.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { findFollow, FOLLOW_ID, noSuchFollow, putFollow, viewFollow } from './follows.ts'
import { followBody, followList, followParams, followSchema } from './schemas.ts'

const post = createRoute({
  method: 'post',
  path: '/follows',
  summary: 'Keep a dataset whole from now on, or change how that is done',
  request: { body: { required: true, content: { 'application/json': { schema: followBody } } } },
  responses: {
    202: {
      ...json(followSchema, 'Accepted; the first turn begins at once.'),
      headers: z.object({ Location: z.string() }),
    },
    ...problems(400, 413, 415, 422, 503),
  },
})

const list = createRoute({
  method: 'get',
  path: '/follows',
  summary: 'What is followed, when its next turn is due and what the last one did',
  responses: { 200: json(followList, 'All of it.'), ...problems(503) },
})

const status = createRoute({
  method: 'get',
  path: '/follows/{id}',
  summary: 'One of what is followed',
  request: { params: followParams },
  responses: { 200: json(followSchema, 'Its status.'), ...problems(404, 503) },
})

const remove = createRoute({
  method: 'delete',
  path: '/follows/{id}',
  summary: 'Follow it no longer; a turn under way goes on to its end',
  request: { params: followParams },
  responses: { 200: json(followSchema, 'As it was.'), ...problems(404, 503) },
})

const noteBody = z
  .strictObject({ reason: z.string().max(500).optional() })
  .meta({ example: { reason: 'maintenance' } })

const steerRoute = <const Verb extends 'pause' | 'resume'>(verb: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `/follows/{id}/${verb}`,
    summary,
    request: {
      params: followParams,
      body: { content: { 'application/json': { schema: noteBody } } },
    },
    responses: {
      202: json(followSchema, 'Accepted; the status as it is now.'),
      ...problems(400, 404, 415, 422, 503),
    },
  })

const pause = steerRoute('pause', 'Begin no turn until it is resumed')
const resume = steerRoute('resume', 'Go on, with a turn at once that catches up')

/** Routes of what is followed. */
export function followRoutes(deps: Deps) {
  const { follows } = deps
  return createRouter()
    .openapi(post, async (c) => {
      const id = await putFollow(deps, c.req.valid('json'))
      c.header('Location', `/follows/${id}`)
      return c.json(await findFollow(deps, id), 202)
    })
    .openapi(list, async (c) => {
      const all = await follows.list()
      return c.json({ follows: await Promise.all(all.map((one) => viewFollow(deps, one))) }, 200)
    })
    .openapi(pause, async (c) => {
      const { id } = c.req.valid('param')
      const { reason = '' } = c.req.valid('json')
      if (!FOLLOW_ID.test(id) || !(await follows.pause(id, reason))) throw noSuchFollow(id)
      return c.json(await findFollow(deps, id), 202)
    })
    .openapi(resume, async (c) => {
      const { id } = c.req.valid('param')
      if (!FOLLOW_ID.test(id) || !(await follows.resume(id))) throw noSuchFollow(id)
      return c.json(await findFollow(deps, id), 202)
    })
    .openapi(status, async (c) => c.json(await findFollow(deps, c.req.valid('param').id), 200))
    .openapi(remove, async (c) => {
      const { id } = c.req.valid('param')
      const was = await findFollow(deps, id)
      await follows.remove(id)
      return c.json(was, 200)
    })
}
