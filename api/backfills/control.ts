import { scopeOf } from '@backtide/core/request'
import { gapCount } from '@backtide/core/state'
import { createRoute, z } from '@hono/zod-openapi'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import type { Deps } from '../deps.ts'
import { noSuchBackfill, ProblemError } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { backfillItem, backfillParams, backfillSchema } from './schemas.ts'
import { TemporalUnavailableError } from '../temporal/runs.ts'
import { BACKFILL_ID } from './identity.ts'
import { findBackfill, reconcile, recordOfRun } from './reconcile.ts'
import { submit } from './submit.ts'
import { viewBackfill, viewItem } from './view.ts'
import { askWorkers } from './workers.ts'

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

/** The ledger is not asked, so it says no more than a list does. */
const steeredSchema = backfillItem.extend({ warnings: z.array(z.string()) }).openapi('Steered')
type SteeredView = z.output<typeof steeredSchema>

const steerRoute = <const Verb extends SteerVerb>(verb: Verb) => route(verb, steeredSchema)

function route<const Verb extends keyof typeof SUMMARIES, Answer extends z.ZodType>(
  verb: Verb,
  answer: Answer,
) {
  return createRoute({
    method: 'post',
    path: `/backfills/{id}/${verb}`,
    summary: SUMMARIES[verb],
    request: {
      params: backfillParams,
      body: { content: { 'application/json': { schema: remarkBody } } },
    },
    responses: {
      202: json(answer, 'Accepted; the status as it is now.'),
      ...problems(400, 404, 409, 415, 422, 503),
    },
  })
}

/** Routes that steer a backfill. */
export function controlRoutes(deps: Deps) {
  return createRouter()
    .openapi(steerRoute('pause'), async (c) =>
      c.json(
        await steer(deps, 'pause', c.req.valid('param').id, {
          remark: c.req.valid('json'),
          signal: c.req.raw.signal,
        }),
        202,
      ),
    )
    .openapi(steerRoute('resume'), async (c) =>
      c.json(
        await steer(deps, 'resume', c.req.valid('param').id, {
          remark: c.req.valid('json'),
          signal: c.req.raw.signal,
        }),
        202,
      ),
    )
    .openapi(steerRoute('cancel'), async (c) =>
      c.json(
        await steer(deps, 'cancel', c.req.valid('param').id, {
          remark: c.req.valid('json'),
          signal: c.req.raw.signal,
        }),
        202,
      ),
    )
    .openapi(route('retry', backfillSchema), async (c) => {
      const record = await retry(deps, c.req.valid('param').id)
      c.header('Location', `/backfills/${record.id}`)
      return c.json(await viewBackfill(deps, record, { ask: false }), 202)
    })
}

/**
 * Pauses, resumes or cancels an open backfill. Temporal alone is asked, so it works while QuestDB is
 * away. Nothing is sent for somebody who does not wait for the answer any more.
 * @throws ProblemError 404 unknown, 409 closed
 */
async function steer(
  deps: Deps,
  verb: SteerVerb,
  id: string,
  { remark: { reason, by }, signal }: Asked,
): Promise<SteeredView> {
  if (!BACKFILL_ID.test(id)) throw noSuchBackfill(id)
  const remark = { ...(reason && { reason }), ...(by && { by }) }
  const run = await deps.runs.describe(id).catch(unchanged)
  if (run?.status !== 'running') throw await closedOrUnknown(deps, id, verb)
  const record = recordOfRun(id, run, deps.settings.namespace) ?? (await findBackfill(deps, id))
  if (signal.aborted) throw new TemporalUnavailableError(`${GIVEN_UP} Nothing was changed.`)
  const sent = verb === 'cancel' ? deps.runs.cancel(id, remark) : deps.runs.signal(id, verb, remark)
  if (!(await sent.catch(uncertain))) throw await closedOrUnknown(deps, id, verb)
  const { runs, now } = deps
  const { warnings } = await askWorkers({ runs, now }).catch(() => ({ warnings: [] }))
  return { ...viewItem(deps, { record, run, workers: null, warnings }), warnings: [...warnings] }
}

type SteerVerb = 'pause' | 'resume' | 'cancel'

interface Asked {
  readonly remark: z.output<typeof remarkBody>
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal
}

const GIVEN_UP = 'The request was given up before it was sent on.'

/** Temporal did not even say what runs. */
function unchanged(error: unknown): never {
  if (!(error instanceof TemporalUnavailableError)) throw error
  throw new TemporalUnavailableError(`${error.message} Nothing was changed.`, { cause: error })
}

/** What was sent may have arrived. */
function uncertain(error: unknown): never {
  if (!(error instanceof TemporalUnavailableError)) throw error
  const message = `${error.message} The request may still take effect: look at the status first.`
  throw new TemporalUnavailableError(message, { cause: error })
}

async function closedOrUnknown(deps: Deps, id: string, verb: SteerVerb): Promise<ProblemError> {
  const { record } = await reconcile(deps, await findBackfill(deps, id))
  return closed(record, verb)
}

/** A new backfill over what a closed one left open. @throws ProblemError 404 unknown, 409 open */
async function retry(deps: Deps, id: string): Promise<BackfillRecord> {
  const receivedAt = deps.now()
  const { record } = await reconcile(deps, await findBackfill(deps, id))
  if (!record.ended) {
    const detail = `Backfill ${id} is still running; it retries by itself. Wait for its end, or cancel it.`
    throw new ProblemError({ code: 'conflict', detail, state: 'running' })
  }
  if (record.ended.outcome === 'complete') await refuseWhileComplete(deps, record)
  // What is left of a plan is another plan.
  const { planId: _planId, ...asked } = record.request
  const request = { ...asked, reprocess: 'incomplete' as const }
  return await submit(deps, { request, retryOf: id, receivedAt })
}

/** What was reset since, or has to be read back, is no longer complete. */
async function refuseWhileComplete(
  { store }: Deps,
  { id, request }: BackfillRecord,
): Promise<void> {
  const { counts } = await store.summariseLedger({ ...scopeOf(request), backfillId: id })
  if (gapCount(counts) > 0) return
  const detail =
    `Backfill ${id} is complete; there is nothing to retry. ` +
    'To load it again all the same, start one with reprocess "changed" or "all".'
  throw new ProblemError({ code: 'conflict', detail, state: 'complete' })
}

function closed({ id, namespace, ended }: BackfillRecord, verb: string): ProblemError {
  const state = ended?.outcome ?? 'closed'
  const facts = { code: 'conflict' as const, state }
  const nothing = `Backfill ${id} is ${state}; there is nothing to ${verb}`
  if (!ended) {
    const detail = `Backfill ${id} does not run here; it is of Temporal's namespace ${namespace}.`
    return new ProblemError({ ...facts, detail })
  }
  const detail =
    state === 'complete'
      ? `${nothing}, and nothing to retry.`
      : `${nothing}. Retry it to load what it left open.`
  return new ProblemError({ ...facts, detail })
}
