import { performance } from 'node:perf_hooks'
import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Deps } from '../deps.ts'
import type { AppEnv } from './router.ts'

/** Counts every request and logs one line for it: never its headers, query or body. */
export function observe({
  log,
  metrics,
}: Pick<Deps, 'log' | 'metrics'>): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const start = performance.now()
    await next()
    const seconds = (performance.now() - start) / 1000
    const { method, path } = c.req
    const { status } = c.res
    metrics.httpDuration.observe({ method, route: routeOf(c), status: String(status) }, seconds)
    const line = {
      method,
      path,
      status,
      ms: Math.round(seconds * 1000),
      requestId: c.get('requestId'),
    }
    if (status >= 500) log.warn(line, 'request')
    else log.info(line, 'request')
  }
}

/** Pattern of the route that answered; one word for all unknown paths, which anybody can make up. */
function routeOf(c: Context): string {
  const route = routePath(c, -1)
  return route === '*' || route === '/*' ? 'unknown' : route
}
