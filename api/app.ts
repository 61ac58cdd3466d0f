import { VERSION } from '@backtide/core/version'
import { bodyLimit } from 'hono/body-limit'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import type { Context, MiddlewareHandler } from 'hono'
import type { RouterRoute } from 'hono/types'
import { adoptionRoutes } from './adoptions/routes.ts'
import { anySignalRoutes } from './backfills/anysignal.ts'
import { changeRoutes } from './backfills/change.ts'
import { controlRoutes } from './backfills/control.ts'
import { eventRoutes } from './backfills/events.ts'
import { backfillRoutes } from './backfills/routes.ts'
import { budgetRoutes } from './budget/routes.ts'
import { coverageRoutes } from './coverage/routes.ts'
import { datasetRoutes } from './datasets/routes.ts'
import { derivedRoutes } from './derived/routes.ts'
import { planRoutes } from './plans/routes.ts'
import type { Deps } from './deps.ts'
import { doctorRoutes } from './doctor/routes.ts'
import { followRoutes } from './follows/routes.ts'
import { audit } from './http/audit.ts'
import { feedRoutes } from './feeds/routes.ts'
import { docsRoutes } from './http/docs.ts'
import { describeApi } from './http/document.ts'
import { checkHost, checkOrigin, checkToken } from './http/gate.ts'
import { healthRoutes } from './http/health.ts'
import { limitTokens } from './http/limits.ts'
import { observe } from './http/observe.ts'
import { PROBLEMS, ProblemError, factsOf, problemBody, type ProblemFacts } from './http/problem.ts'
import { createRouter, type AppEnv } from './http/router.ts'
import { instrumentRoutes } from './instruments/routes.ts'
import { probeRoutes } from './probes/routes.ts'
import { ledgerRoutes } from './ledger/routes.ts'

/** Largest body in bytes: thousands of coins fit. */
const MAX_BODY = 64 * 1024

/**
 * Largest head of a request in bytes: a query may hold two lists of 10,000 characters, and what is
 * wrong with one is better said than answered with 431.
 */
export const MAX_HEADERS = 256 * 1024

/** Of answers that are no page: shown as one, they load nothing, and nobody frames them. */
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'"

/** The API: every answer is JSON, every refusal problem+json. It listens to nothing by itself. */
export function createApp(deps: Deps) {
  const app = createRouter()
  app.use(
    requestId(),
    observe(deps),
    secureHeaders({ strictTransportSecurity: false }),
    unlessSaid({ 'Content-Security-Policy': NO_PAGE, 'Cache-Control': 'no-store' }),
    checkHost(deps.settings.allowedHosts),
  )
  app.use(audit(deps), checkToken(deps.settings), checkOrigin(), limitTokens(deps), limitBody())
  for (const routes of [
    backfillRoutes,
    controlRoutes,
    eventRoutes,
    changeRoutes,
    followRoutes,
    anySignalRoutes,
    datasetRoutes,
    coverageRoutes,
    budgetRoutes,
    planRoutes,
    feedRoutes,
    instrumentRoutes,
    derivedRoutes,
    ledgerRoutes,
    doctorRoutes,
    adoptionRoutes,
    probeRoutes,
    healthRoutes,
  ]) {
    app.route('/', routes(deps))
  }
  app.route('/', docsRoutes())
  app.get('/openapi.json', (c) => c.json(describeApi(app, deps)))
  app.get('/', (c) => {
    // What a person opens shows a page; a program gets what leads it on.
    const isPage = c.req.header('accept')?.includes('text/html') ?? false
    return isPage ? c.redirect('/docs') : c.json(indexOf(deps))
  })
  app.notFound((c) => {
    const path = c.req.path.slice(0, 200)
    const allowed = methodsOf(app.routes, c.req.path)
    if (allowed.length === 0) {
      return answer(c, { code: 'not_found', detail: `There is no ${path}; see /docs.` })
    }
    c.header('Allow', allowed.join(', '))
    const detail = `${path} takes ${allowed.join(' and ')}, not ${c.req.method.slice(0, 20)}.`
    return answer(c, { code: 'method_not_allowed', detail })
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

/** Headers of every answer, refused or not, whose route says nothing else. */
function unlessSaid(headers: Readonly<Record<string, string>>): MiddlewareHandler {
  return async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(headers)) {
      if (!c.res.headers.has(name)) c.header(name, value)
    }
  }
}

/** Methods a path is served with; none for a path nobody serves. */
function methodsOf(routes: readonly RouterRoute[], path: string): readonly string[] {
  const serving = routes.filter(
    (route) => route.method !== 'ALL' && patternOf(route.path).test(path),
  )
  return [...new Set(serving.map((route) => route.method))].toSorted()
}

/** A path of ours: parts are words without signs of patterns, or parameters such as `:id`. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`)
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
  for (const [name, value] of Object.entries(facts.headers ?? {})) c.header(name, value)
  c.header('Content-Type', 'application/problem+json')
  return c.body(JSON.stringify(problemBody(facts, c.req.path, c.get('requestId'))), status)
}

function indexOf({ settings }: Deps) {
  return {
    name: 'backtide',
    version: VERSION,
    links: {
      backfills: '/backfills',
      datasets: '/datasets',
      sources: '/sources',
      instruments: '/instruments',
      coverage: '/coverage',
      derived: '/derived',
      follows: '/follows',
      budget: '/budget',
      plans: '/plans',
      feeds: '/feeds',
      holes: '/holes',
      openapi: '/openapi.json',
      docs: '/docs',
      health: '/health',
      ready: '/ready',
      doctor: '/doctor',
      metrics: '/metrics',
      temporal: settings.temporalUi,
      ...(settings.questdbUi && { questdb: settings.questdbUi }),
    },
  }
}
