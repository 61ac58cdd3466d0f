import { createRoute, z } from '@hono/zod-openapi'
import { askWorkers } from '../backfills/workers.ts'
import type { Deps } from '../deps.ts'
import { createRouter, json } from './router.ts'

/** Longest a dependency may take to answer before it counts as away, in milliseconds. */
const PATIENCE = 2_500

const dependency = z.object({ up: z.boolean(), detail: z.string().optional() })
const readiness = z
  .object({
    ready: z.boolean(),
    temporal: dependency,
    questdb: dependency,
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
  summary: 'Temporal and QuestDB answer',
  responses: { 200: json(readiness, 'Both do.'), 503: json(readiness, 'One of them does not.') },
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
      const workers = { workers: found?.count ?? null, warnings: [...(found?.warnings ?? [])] }
      const body = { ready: temporal.up && questdb.up, temporal, questdb, ...workers }
      if (body.ready) return c.json(body, 200)
      c.header('Retry-After', '5')
      return c.json(body, 503)
    })
    .openapi(metricsRoute, async (c) => {
      await Promise.all([ask(deps), gaugeSuspended(deps)])
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
