import { createRoute, z } from '@hono/zod-openapi'
import type { Deps } from '../deps.ts'
import { EVENT_STREAM_HEADERS } from '../http/event-stream.ts'
import { createRouter, problems } from '../http/router.ts'
import { findBackfill } from './reconcile.ts'
import { backfillParams } from './schemas.ts'
import { viewBackfill } from './view.ts'
import { createWatches } from './watches.ts'

const DESCRIPTION = `Server-sent events. Each is the status as \`GET /backfills/{id}\` has it, whenever it
changed, at most twice a second; a reader that lags gets the newest only, one that takes nothing for long is
dropped. After the status with \`endedAt\` the stream ends. An event \`problem\` says why the status cannot be
had for now. With \`Last-Event-ID\` what was seen is left out.`

const events = createRoute({
  method: 'get',
  path: '/backfills/{id}/events',
  summary: 'Status of a backfill as it changes',
  description: DESCRIPTION.replaceAll('\n', ' '),
  request: {
    params: backfillParams,
    headers: z.object({
      'last-event-id': z
        .string()
        .max(100)
        .optional()
        .openapi({ description: 'Id of the last event that was seen; browsers send it.' }),
    }),
  },
  responses: {
    200: {
      description: 'Events until the backfill ends.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    204: { description: 'It has ended, and that was seen.' },
    ...problems(404, 422, 429, 503),
  },
})

/** The route that shows a backfill as it moves. */
export function eventRoutes(deps: Deps) {
  const watches = createWatches({
    look: async (id) => await viewBackfill(deps, await findBackfill(deps, id)),
    stopping: deps.stopping,
  })
  return createRouter().openapi(events, async (c) => {
    const seen = c.req.valid('header')['last-event-id']
    const body = await watches.open(c.req.valid('param').id, seen)
    return body ? c.body(body, 200, EVENT_STREAM_HEADERS) : c.body(null, 204)
  })
}
