import type { MiddlewareHandler } from 'hono'
import type { Deps, Limit, Limits } from '../deps.ts'
import { actionOf } from './audit.ts'
import { ProblemError } from './problem.ts'
import type { AppEnv } from './router.ts'

/** A script that polls a dozen backfills each second stays below; one that went wild does not. */
export const DEFAULT_LIMITS: Limits = {
  requests: { burst: 200, perSecond: 50 },
  backfills: { burst: 60, perSecond: 1 },
}

/** Limits what each token asks for; without tokens only this machine asks, and nothing is limited. */
export function limitTokens({
  settings,
  now,
}: Pick<Deps, 'settings' | 'now'>): MiddlewareHandler<AppEnv> {
  const { requests, backfills } = settings.limits ?? DEFAULT_LIMITS
  const buckets = new Map<string, Bucket>()
  const take = (name: string, kind: string, limit: Limit): void => {
    const key = `${kind} ${name}`
    const bucket = buckets.get(key) ?? createBucket(limit, now)
    buckets.set(key, bucket)
    const seconds = bucket.take()
    if (seconds === 0) return
    const detail = `${name} asks for more ${kind} than one token may; try again in ${seconds} s.`
    throw new ProblemError({
      code: 'too_many_requests',
      detail,
      headers: { 'Retry-After': String(seconds) },
    })
  }
  return async (c, next) => {
    const token = c.get('token')
    if (token) {
      take(token.name, 'requests', requests)
      if (STARTING.has(actionOf(c.req.method, c.req.path) ?? '')) {
        take(token.name, 'backfills', backfills)
      }
    }
    await next()
  }
}

const STARTING: ReadonlySet<string> = new Set(['start', 'retry', 'repair'])

interface Bucket {
  /** Takes one; else the seconds until there is one. */
  take(): number
}

function createBucket({ burst, perSecond }: Limit, now: () => number): Bucket {
  let left = burst
  let at = now()
  return {
    take: () => {
      left = Math.min(burst, left + ((now() - at) / 1000) * perSecond)
      at = now()
      if (left < 1) return Math.ceil((1 - left) / perSecond)
      left -= 1
      return 0
    },
  }
}
