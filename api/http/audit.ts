import type { Context, MiddlewareHandler } from 'hono'
import type { Deps } from '../deps.ts'
import type { AppEnv } from './router.ts'

export type Action = 'start' | (typeof STEERING)[number] | 'other'

const STEERING = ['pause', 'resume', 'cancel', 'retry', 'reset', 'repair', 'follow'] as const

/** What a request does beyond looking; undefined for one that only looks. */
export function actionOf(method: string, path: string): Action | undefined {
  // AnySignal's call starts work with a GET.
  if (path === '/backfill' || (method === 'POST' && path === '/backfills')) return 'start'
  if (method === 'POST' && path === '/repairs') return 'repair'
  if (method === 'POST' && path === '/follows') return 'follow'
  if (method === 'GET' || method === 'HEAD') return undefined
  return STEERING.find((verb) => path.endsWith(`/${verb}`)) ?? 'other'
}

/** One log line for each request that starts, steers or resets: who, what, and what became of it. */
export function audit({ log }: Pick<Deps, 'log'>): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next()
    const action = actionOf(c.req.method, c.req.path)
    if (!action) return
    const token = c.get('token')?.name
    const { status } = c.res
    log.info(
      {
        audit: action,
        ...(token && { token }),
        ...subjectOf(c),
        status,
        requestId: c.get('requestId'),
      },
      'audit',
    )
  }
}

/** The backfill that is steered, and the one that was started. */
function subjectOf(c: Context): { readonly backfillId?: string; readonly started?: string } {
  const backfillId = /^\/backfills\/([\w.-]{1,200})(?:\/|$)/.exec(c.req.path)?.[1]
  const started = /^\/backfills\/(.+)$/.exec(c.res.headers.get('location') ?? '')?.[1]
  return { ...(backfillId && { backfillId }), ...(started && { started }) }
}
