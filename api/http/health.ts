import { createRoute, z } from '@hono/zod-openapi'
import { askWorkers } from '../backfills/workers.ts'
import type { Deps } from '../deps.ts'
import { createRouter, json } from './router.ts'

/** Longest a dependency may take to answer before it counts as away, in milliseconds. */
const PATIENCE = 2_500

const dependency = z.object({ up: z.boolean(), detail: z.string().optional() })
const sourceState = dependency.extend({ name: z.string(), kind: z.enum(['s3', 'http', 'rest']) })
const readiness = z
  .object({
    ready: z.boolean(),
    temporal: dependency,
    questdb: dependency,
    sources: z.array(sourceState).openapi({
      description:
        'As they answer the workers; none while no worker says so. An S3 that answers nobody counts as down, ' +
        'a file host only holds up its own datasets.',
    }),
    workers: z.int().nullable().openapi({ description: 'Workers alive; for information.' }),
    warnings: z.array(z.string()).openapi({ description: 'What is missing of them.' }),
  })
  .openapi('Readiness')

const health = createRoute({
  method: 'get',
  path: '/health',
  summary: 'The process lives',
  responses: { 200: json(z.object({ status: z.literal('ok') }), 'It does.') },
})

const ready = createRoute({
  method: 'get',
  path: '/ready',
  summary: 'Temporal, QuestDB and S3 answer',
  responses: {
    200: json(readiness, 'All of them do.'),
    503: json(readiness, 'One of them does not.'),
  },
})

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Metrics for Prometheus',
  responses: {
    200: { description: 'Text format 0.0.4.', content: { 'text/plain': { schema: z.string() } } },
  },
})

/** Routes for supervisors. */
export function healthRoutes(deps: Deps) {
  return createRouter()
    .openapi(health, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(ready, async (c) => {
      const who = inTime(askWorkers(deps), undefined)
      const [{ temporal, questdb }, found] = await Promise.all([ask(deps), who])
      const sources = [...(found?.sources ?? [])]
      const workers = { workers: found?.count ?? null, warnings: [...(found?.warnings ?? [])] }
      const s3 = sources.every(({ up, kind }) => up || kind !== 's3')
      const body = {
        ready: temporal.up && questdb.up && s3,
        temporal,
        questdb,
        sources,
        ...workers,
      }
      if (body.ready) return c.json(body, 200)
      c.header('Retry-After', '5')
      return c.json(body, 503)
    })
    .openapi(metricsRoute, async (c) => {
      await Promise.all([ask(deps), gaugeSuspended(deps), gaugeWorkers(deps), countEnded(deps)])
      const { registry } = deps.metrics
      return c.text(await registry.metrics(), 200, { 'Content-Type': registry.contentType })
    })
}

async function ask(deps: Deps) {
  const [temporal, questdb] = await Promise.all([
    answers(() => deps.runs.ping(), 'Temporal'),
    answers(() => deps.store.ping(), 'QuestDB'),
  ])
  deps.metrics.dependencyUp.set({ dependency: 'temporal' }, temporal.up ? 1 : 0)
  deps.metrics.dependencyUp.set({ dependency: 'questdb' }, questdb.up ? 1 : 0)
  return { temporal, questdb }
}

async function gaugeSuspended({ store, metrics }: Deps): Promise<void> {
  const tables = await inTime(store.suspendedTables(), undefined)
  if (!tables) return
  metrics.tableSuspended.reset()
  for (const table of tables) metrics.tableSuspended.set({ table }, 1)
}

async function gaugeWorkers(deps: Deps): Promise<void> {
  const found = await inTime(askWorkers(deps), undefined)
  deps.metrics.sourceUp.reset()
  if (!found) return deps.metrics.workers.remove()
  deps.metrics.workers.set(found.count)
  for (const { name, up } of found.sources) {
    deps.metrics.sourceUp.set({ source: name }, up ? 1 : 0)
  }
}

/** The table knows more than any process has seen; while it is away, what it said last stands. */
async function countEnded({ store, settings, metrics }: Deps): Promise<void> {
  const ended = await inTime(store.countEnded(settings.namespace), undefined)
  if (!ended) return
  metrics.backfillsEnded.reset()
  for (const { dataset, outcome, count } of ended) {
    metrics.backfillsEnded.inc({ dataset, outcome }, count)
  }
}

async function answers(
  ping: () => Promise<void>,
  name: string,
): Promise<z.infer<typeof dependency>> {
  const up = await inTime(
    ping().then(() => true),
    false,
  )
  return up ? { up } : { up, detail: `${name} does not answer: look at its process and its log.` }
}

/** What a promise gives, or something else when it fails or takes too long. */
async function inTime<T, U>(promise: Promise<T>, otherwise: U): Promise<T | U> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<U>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), PATIENCE)
  })
  try {
    return await Promise.race([promise.catch(() => otherwise), late])
  } finally {
    clearTimeout(timer)
  }
}
