import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Settings } from '../deps.ts'
import { ProblemError } from './problem.ts'

/** Routes that answer without a token: they tell a supervisor whether the process lives. */
const OPEN_ROUTES: ReadonlySet<string> = new Set(['/health', '/ready'])

/**
 * Refuses requests addressed to a host name that is not ours: a page whose name was rebound to
 * 127.0.0.1 would otherwise talk to a server that only listens on loopback.
 */
export function checkHost(allowed: readonly string[] | undefined): MiddlewareHandler {
  return async (c, next) => {
    const host = hostName(c.req.header('host') ?? new URL(c.req.url).host)
    if (allowed && !allowed.includes(host)) {
      const detail = `Address the API as ${allowed.join(' or ')}, or set BACKTIDE_HOST to the name it is reached by.`
      throw new ProblemError({ code: 'host_not_allowed', detail })
    }
    await next()
  }
}

/**
 * `Sec-Fetch-Site` of requests of our own pages, and of a person's own doing. `same-site` is another
 * port of this machine.
 */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none'])

/**
 * Refuses requests that a browser sends on behalf of another site. Simple requests need no
 * preflight, and GET /backfill starts work, so reading nothing back is not enough.
 */
export function checkOrigin(): MiddlewareHandler {
  return async (c, next) => {
    const own = hostOf(c.req.header('host') ?? new URL(c.req.url).host)
    const pages = [c.req.header('origin'), c.req.header('referer')]
    const foreign = pages.some((page) => page !== undefined && hostOfPage(page) !== own)
    if (foreign || !OWN_SITES.has(c.req.header('sec-fetch-site') ?? 'none')) {
      const detail = 'Browsers may use this API from its own pages only (see /docs).'
      throw new ProblemError({ code: 'forbidden_origin', detail })
    }
    await next()
  }
}

/** Asks for `Authorization: Bearer <token>` when a token is set; compared in constant time. */
export function checkToken({ token }: Pick<Settings, 'token'>): MiddlewareHandler {
  const expected = token === undefined ? undefined : digest(token)
  return async (c, next) => {
    if (expected && !OPEN_ROUTES.has(c.req.path)) {
      const given = /^Bearer +(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
      if (given === undefined || !timingSafeEqual(digest(given), expected)) {
        const detail = 'Send the header "Authorization: Bearer" with the token of BACKTIDE_TOKEN.'
        throw new ProblemError({ code: 'unauthorized', detail })
      }
    }
    await next()
  }
}

/** Where a page lies; its text where that is no address, which is nobody's host. */
function hostOfPage(page: string): string {
  return URL.canParse(page) ? hostOf(new URL(page).host) : page
}

function hostOf(host: string): string {
  return host.toLowerCase().replace(/\.(?=:|$)/, '')
}

/** Host name without its port; IPv6 addresses keep their brackets. */
function hostName(host: string): string {
  return hostOf(host).replace(/:\d+$/, '')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
