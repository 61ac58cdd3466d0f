import type { Problem } from '@backtide/core/problem'
import { readEvents, type ServerEvent } from './events.ts'
import { CliError, EXIT, type ExitCode } from './exit.ts'

/** Longest one request may take, in milliseconds. */
const DEADLINE = 30_000

/** Longest that events may say nothing, comments included, in milliseconds: the API sends some every 15 s. */
const SILENCE = 40_000

/** Longest that the first of them takes, which comes at once unless somebody in between holds it back. */
const FIRST = 5_000

/** Calls to the API; each throws a `CliError` that says what to do. */
export interface ApiClient {
  get(
    path: string,
    query?: Readonly<Record<string, string | undefined>>,
    signal?: AbortSignal,
  ): Promise<unknown>
  /** Server-sent events of a path until they end or break off, which is no error; `seen` is the last one's id. */
  events(path: string, seen: string | undefined, signal: AbortSignal): AsyncGenerator<ServerEvent>
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<unknown>
  patch(path: string, body: unknown): Promise<unknown>
  delete(path: string): Promise<unknown>
}

/** Where the API is, and what it asks for. */
export interface ApiPlace {
  /** Without a slash at its end. */
  readonly url: string
  readonly token?: string | undefined
}

/** Calls of the API at a place. */
export function createClient({ url: base, token: secret }: ApiPlace): ApiClient {
  const token: Record<string, string> = secret ? { Authorization: `Bearer ${secret}` } : {}
  const call = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await reach(base, path, init)
    const body = await readBody(response, base)
    if (response.ok) return body
    throw refusal(response.status, body)
  }
  return {
    get: (path, query = {}, signal) => {
      const set = Object.entries(query).filter(([, value]) => value !== undefined)
      const search = new URLSearchParams(set as [string, string][]).toString()
      return call(search ? `${path}?${search}` : path, {
        headers: token,
        ...(signal && { signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE)]) }),
      })
    },
    events: (path, seen, signal) => openEvents({ base, path, token, seen, signal }),
    patch: (path, body) =>
      call(path, {
        method: 'PATCH',
        headers: { ...token, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    delete: (path) => call(path, { method: 'DELETE', headers: token }),
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: {
          ...token,
          ...headers,
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  }
}

interface Listening {
  readonly base: string
  readonly path: string
  readonly token: Readonly<Record<string, string>>
  readonly seen: string | undefined
  readonly signal: AbortSignal
}

async function* openEvents({
  base,
  path,
  token,
  seen,
  signal,
}: Listening): AsyncGenerator<ServerEvent> {
  const slow = new AbortController()
  const timer = setTimeout(() => slow.abort(), DEADLINE)
  const response = await reach(base, path, {
    headers: {
      ...token,
      Accept: 'text/event-stream',
      ...(seen !== undefined && { 'Last-Event-ID': seen }),
    },
    signal: AbortSignal.any([signal, slow.signal]),
  }).finally(() => clearTimeout(timer))
  if (!response.ok) throw refusal(response.status, await readBody(response, base))
  if (!response.body) return
  try {
    const silenceMs = seen === undefined ? FIRST : SILENCE
    yield* readEvents(response.body, { silenceMs, signal })
  } catch (error) {
    if (error instanceof SyntaxError) throw new CliError(EXIT.internal, String(error))
    signal.throwIfAborted()
  }
}

async function reach(base: string, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(base + path, { signal: AbortSignal.timeout(DEADLINE), ...init })
  } catch (error) {
    if (isInvalidHeader(error)) {
      const message = 'a header cannot carry that text; use printable ASCII characters'
      throw new CliError(EXIT.usage, message, { cause: error })
    }
    throw new CliError(EXIT.unavailable, explainSilence(base, init, error), { cause: error })
  }
}

/** Says truthfully whether anything can have changed: what was not sent cannot. */
function explainSilence(base: string, { method }: RequestInit, error: unknown): string {
  const changes = method !== undefined && method !== 'GET'
  if (isNotSent(error)) {
    const unchanged = changes ? '; nothing was changed' : ''
    return `cannot reach the API at ${base}${unchanged}; start it with "backtide up", or set BACKTIDE_API to where it is`
  }
  const doubt = changes
    ? '; the request may still take effect: look at the status before you repeat it'
    : ''
  return `the API at ${base} did not answer${doubt}`
}

/** Whether there was no connection that anything could have been sent over. */
function isNotSent(error: unknown): boolean {
  const { cause } = error as {
    readonly cause?: { readonly code?: string; readonly message?: string }
  }
  return NOT_SENT.has(cause?.code ?? '') || cause?.message === 'bad port'
}

const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** `fetch` throws a TypeError without cause for a header it cannot send. */
function isInvalidHeader(error: unknown): boolean {
  return error instanceof TypeError && error.cause === undefined
}

async function readBody(response: Response, base: string): Promise<unknown> {
  try {
    return JSON.parse(await response.text())
  } catch (error) {
    const message = `what answers at ${base} is not a Backtide API; check BACKTIDE_API`
    throw new CliError(EXIT.internal, message, { cause: error })
  }
}

function refusal(status: number, body: unknown): CliError {
  const { detail, title, errors = [] } = (body ?? {}) as Partial<Problem>
  const fields = errors.map((field) => `${flagOf(field.pointer)}${field.detail}`).join(' ')
  const message = fields || (detail ?? title ?? `the API answered ${status}`)
  return new CliError(exitCodeOf(status), message, { body })
}

/** `--on-failure: ` for the field `/onFailure` of a request; nothing for the request as a whole. */
function flagOf(pointer: string): string {
  const [, field = ''] = pointer.split('/')
  if (field === '') return ''
  const name = field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return ARGUMENTS.has(field) ? `${name}: ` : `--${name}: `
}

/** Fields that a command takes without a flag. */
const ARGUMENTS: ReadonlySet<string> = new Set(['dataset', 'id'])

function exitCodeOf(status: number): ExitCode {
  if (status === 503 || status === 429) return EXIT.unavailable
  return status < 500 ? EXIT.usage : EXIT.internal
}
