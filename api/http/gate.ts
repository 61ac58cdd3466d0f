import { findToken, type KnownToken } from '@backtide/config/tokens'
import type { MiddlewareHandler } from 'hono'
import type { Settings } from '../deps.ts'
import { actionOf } from './audit.ts'
import { ProblemError } from './problem.ts'
import type { AppEnv } from './router.ts'

/** Routes that answer without a token: they tell a supervisor whether the process lives. */
export const OPEN_ROUTES: ReadonlySet<string> = new Set(['/health', '/ready'])

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

/**
 * Asks for a token when there are any, and for one that may do what is asked. Browsers, which cannot
 * send a Bearer token by themselves, may send it as the password of HTTP Basic, to look at things only:
 * what a browser sends on its own must start nothing.
 */
export function checkToken({ tokens }: Pick<Settings, 'tokens'>): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (tokens && !OPEN_ROUTES.has(c.req.path)) {
      const acts = actionOf(c.req.method, c.req.path) !== undefined
      const given = readToken(c.req.header('authorization') ?? '', !acts)
      const token = given === undefined ? undefined : findToken(tokens, given)
      if (!token) throw unauthorized(c.req.header('accept') ?? '')
      c.set('token', token)
      if (acts && token.scope !== 'operate') throw insufficient(token)
    }
    await next()
  }
}

function readToken(authorization: string, basic: boolean): string | undefined {
  const [, scheme = '', text = ''] = /^(Bearer|Basic) +(.+)$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return text
  if (scheme === '' || !basic) return undefined
  const pair = Buffer.from(text, 'base64').toString('utf8')
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined
}

/** A browser that opens a page is asked in a way it can answer. */
function unauthorized(accept: string): ProblemError {
  const detail = 'Send the header "Authorization: Bearer" with the token of BACKTIDE_TOKEN.'
  const challenge = accept.includes('text/html')
    ? 'Basic realm="Backtide", charset="UTF-8"'
    : 'Bearer'
  return new ProblemError({
    code: 'unauthorized',
    detail,
    headers: { 'WWW-Authenticate': challenge },
  })
}

function insufficient({ name, scope }: KnownToken): ProblemError {
  const detail = `The token ${name} has the scope ${scope}; this needs the scope operate.`
  const challenge = 'Bearer error="insufficient_scope", scope="operate"'
  return new ProblemError({
    code: 'insufficient_scope',
    detail,
    headers: { 'WWW-Authenticate': challenge },
  })
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
