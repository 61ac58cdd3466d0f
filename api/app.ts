import { bodyLimit } from 'hono/body-limit'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import type { Context } from 'hono'
import { anySignalRoutes } from './backfills/anysignal.ts'
import { controlRoutes } from './backfills/control.ts'
import { backfillRoutes } from './backfills/routes.ts'
import { datasetRoutes } from './datasets/routes.ts'
import type { Deps } from './deps.ts'
import { docsRoutes } from './http/docs.ts'
import { checkHost, checkOrigin, checkToken } from './http/gate.ts'
import { healthRoutes } from './http/health.ts'
import { observe } from './http/observe.ts'
import { PROBLEMS, ProblemError, factsOf, problemBody, type ProblemFacts } from './http/problem.ts'
import { createRouter, type AppEnv } from './http/router.ts'
import { ledgerRoutes } from './ledger/routes.ts'

/** Largest body in bytes: thousands of coins fit. */
const MAX_BODY = 64 * 1024

const OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'Backtide',
    version: '0.1.0',
    description: 'Fills a QuestDB with market history, exactly once, and proves it.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
}

/** The API: every answer is JSON, every refusal problem+json. It listens to nothing by itself. */
export function createApp(deps: Deps) {
  const app = createRouter()
  app.use(
    requestId(),
    observe(deps),
    secureHeaders({ strictTransportSecurity: false }),
    checkHost(deps.settings.allowedHosts),
  )
  app.use(checkToken(deps.settings), checkOrigin(), limitBody())
  app.use(async (c, next) => {
    await next()
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
  })
  for (const routes of [
    backfillRoutes,
    controlRoutes,
    anySignalRoutes,
    datasetRoutes,
    ledgerRoutes,
    healthRoutes,
  ]) {
    app.route('/', routes(deps))
  }
  app.route('/', docsRoutes())
  app.doc31('/openapi.json', OPENAPI)
  app.get('/', (c) => c.json(indexOf(deps)))
  app.notFound((c) => {
    const detail = `There is no ${c.req.method} ${c.req.path.slice(0, 200)}; see /openapi.json.`
    return answer(c, { code: 'not_found', detail })
  })
  app.onError((error, c) => {
    const facts = factsOf(error)
    if (facts.code === 'internal') {
      deps.log.error({ err: error, requestId: c.get('requestId') }, 'unexpected error')
    }
    return answer(c, facts)
  })
  return app
}

function limitBody() {
  return bodyLimit({
    maxSize: MAX_BODY,
    onError: () => {
      const detail = `A body has ${MAX_BODY / 1024} KiB at most; split the coins.`
      throw new ProblemError({ code: 'body_too_large', detail })
    },
  })
}

function answer(c: Context<AppEnv>, facts: ProblemFacts): Response {
  const { status } = PROBLEMS[facts.code]
  if (status === 503) c.header('Retry-After', '5')
  if (status === 401) c.header('WWW-Authenticate', 'Bearer')
  c.header('Content-Type', 'application/problem+json')
  return c.body(JSON.stringify(problemBody(facts, c.req.path, c.get('requestId'))), status)
}

function indexOf({ settings }: Deps) {
  return {
    name: 'backtide',
    version: OPENAPI.info.version,
    links: {
      backfills: '/backfills',
      datasets: '/datasets',
      sources: '/sources',
      coverage: '/coverage',
      openapi: '/openapi.json',
      docs: '/docs',
      health: '/health',
      ready: '/ready',
      metrics: '/metrics',
      temporal: settings.temporalUi,
      ...(settings.questdbUi && { questdb: settings.questdbUi }),
    },
  }
}
