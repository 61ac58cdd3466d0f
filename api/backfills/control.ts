import { createRoute, z } from '@hono/zod-openapi'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import type { Deps } from '../deps.ts'
import { ProblemError } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { backfillParams, backfillSchema, type BackfillView } from '../schemas.ts'
import { findBackfill, reconcile } from './reconcile.ts'
import { submit } from './submit.ts'
import { viewBackfill } from './view.ts'

const remarkBody = z
  .strictObject({ reason: z.string().max(500).optional(), by: z.string().max(100).optional() })
  .openapi('Remark', {
    description: 'Why and by whom; both optional.',
    example: { reason: 'maintenance', by: 'me' },
  })

const SUMMARIES = {
  pause: 'Start nothing new; what is in flight ends',
  resume: 'Go on after a pause',
  cancel: 'Stop; what is verified stays',
  retry:
    'Load again what a closed backfill left open, as a new backfill; what is missing, corrupt or degraded is not looked at again',
} as const

function route<const Verb extends keyof typeof SUMMARIES>(verb: Verb) {
  return createRoute({
    method: 'post',
    path: `/backfills/{id}/${verb}`,
    summary: SUMMARIES[verb],
    request: {
      params: backfillParams,
      body: { content: { 'application/json': { schema: remarkBody } } },
    },
    responses: {
      202: json(backfillSchema, 'Accepted; the status as it is now.'),
      ...problems(400, 404, 409, 415, 422, 503),
    },
  })
}

/** Routes that steer a backfill. */
export function controlRoutes(deps: Deps) {
  return createRouter()
    .openapi(route('pause'), async (c) =>
      c.json(await steer(deps, 'pause', c.req.valid('param').id, c.req.valid('json')), 202),
    )
    .openapi(route('resume'), async (c) =>
      c.json(await steer(deps, 'resume', c.req.valid('param').id, c.req.valid('json')), 202),
    )
    .openapi(route('cancel'), async (c) =>
      c.json(await steer(deps, 'cancel', c.req.valid('param').id, c.req.valid('json')), 202),
    )
    .openapi(route('retry'), async (c) => {
      const record = await retry(deps, c.req.valid('param').id)
      c.header('Location', `/backfills/${record.id}`)
      return c.json(await viewBackfill(deps, record, { ask: false }), 202)
    })
}

/** Pauses, resumes or cancels an open backfill. @throws ProblemError 404 unknown, 409 closed */
async function steer(
  deps: Deps,
  verb: 'pause' | 'resume' | 'cancel',
  id: string,
  { reason, by }: z.output<typeof remarkBody>,
): Promise<BackfillView> {
  const remark = { ...(reason && { reason }), ...(by && { by }) }
  const send = () =>
    verb === 'cancel' ? deps.runs.cancel(id, remark) : deps.runs.signal(id, verb, remark)
  const { record } = await reconcile(deps, await findBackfill(deps, id))
  if (record.ended || !(await send())) {
    const now = record.ended ? record : (await reconcile(deps, record)).record
    throw closed(now, verb)
  }
  return await viewBackfill(deps, record, { ask: verb !== 'cancel' })
}

/** A new backfill over what a closed one left open. @throws ProblemError 404 unknown, 409 open */
async function retry(deps: Deps, id: string): Promise<BackfillRecord> {
  const receivedAt = deps.now()
  const { record } = await reconcile(deps, await findBackfill(deps, id))
  if (!record.ended) {
    const detail = `Backfill ${id} is still running; it retries by itself. Wait for its end, or cancel it.`
    throw new ProblemError({ code: 'conflict', detail, state: 'running' })
  }
  const request = { ...record.request, reprocess: 'incomplete' as const }
  return await submit(deps, { request, retryOf: id, receivedAt })
}

function closed({ id, ended }: BackfillRecord, verb: string): ProblemError {
  const state = ended?.outcome ?? 'closed'
  const detail = `Backfill ${id} is ${state}; there is nothing to ${verb}. Retry it to load what it left open.`
  return new ProblemError({ code: 'conflict', detail, state })
}
