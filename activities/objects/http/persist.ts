import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { retryAfterMs } from '@backtide/core/retry-after'
import { SourceUnavailableError } from '../errors.ts'
import { discard, type Get, type SendGet } from './request.ts'

/** What asking again needs. */
export interface Persistence {
  readonly send: SendGet
  /** Told of every answer that asks for fewer requests. */
  readonly onThrottle: (() => void) | undefined
}

/**
 * Sends a GET up to three times, while there is no answer or one that passes by itself. A
 * `Retry-After` holds for all requests to the host: a short one is waited for; with a long one they
 * fail at once, because who asks all the same is banned. Follows redirects that stay on the host.
 * Rejects with SourceUnavailableError, or the reason of the signal.
 * https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 */
export function persistently({ send, onThrottle }: Persistence): SendGet {
  let notBefore = 0

  async function untilWelcome({ url, signal }: Get): Promise<void> {
    const ms = notBefore - performance.now()
    if (ms > MOST_WAITED_MS) {
      const seconds = Math.ceil(ms / 1000)
      throw new SourceUnavailableError(`${url.host} asks to be left alone for ${seconds} s more`)
    }
    if (ms > 0) await pause(ms, undefined, { signal })
  }

  function hear(answer: IncomingMessage): void {
    if (answer.statusCode === 429 || answer.statusCode === 503) onThrottle?.()
    const asked = retryAfterMs(answer.headers['retry-after'], Date.now()) ?? 0
    const ms = Math.min(asked, MOST_BELIEVED_MS)
    if (ms > 0) notBefore = Math.max(notBefore, performance.now() + ms)
  }

  async function attempt(get: Get): Promise<IncomingMessage | Error> {
    await untilWelcome(get)
    const answer = await followOnHost(send, get).catch((error: unknown) => {
      get.signal.throwIfAborted()
      return error instanceof Error ? error : new Error(String(error))
    })
    if (answer instanceof Error || !isPassing(answer.statusCode)) return answer
    hear(answer)
    discard(answer)
    return new Error(`${answer.statusCode} ${answer.statusMessage}`)
  }

  return async (get) => {
    for (let tried = 1; ; tried++) {
      const answer = await attempt(get)
      if (!(answer instanceof Error)) return answer
      if (tried === MOST_TRIED) {
        const message = `${get.url.pathname} cannot be fetched now: ${answer.message}`
        throw new SourceUnavailableError(message, { cause: answer })
      }
      await pause(100 * 2 ** tried * (0.5 + Math.random() / 2), undefined, { signal: get.signal })
    }
  }
}

const MOST_TRIED = 3

/** The longest `Retry-After` that requests wait for, in milliseconds. */
const MOST_WAITED_MS = 10_000

/** Longer ones count as an hour. */
const MOST_BELIEVED_MS = 3_600_000

/** Status of answers that pass by themselves. */
function isPassing(status = 0): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429
}

const MOST_REDIRECTS = 5

/** An answer that leads elsewhere, or nowhere, is the last one. */
async function followOnHost(send: SendGet, get: Get): Promise<IncomingMessage> {
  let { url } = get
  for (let followed = 0; ; followed++) {
    const answer = await send({ ...get, url })
    const next = redirectOf(url, answer)
    if (!next || followed === MOST_REDIRECTS || !staysOn(url, next)) return answer
    discard(answer)
    url = next
  }
}

function redirectOf(url: URL, { statusCode = 0, headers }: IncomingMessage): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || !headers.location) return undefined
  return URL.canParse(headers.location, url.href) ? new URL(headers.location, url) : undefined
}

/** The same host and port, and never from TLS to none. */
function staysOn(from: URL, to: URL): boolean {
  if (from.host !== to.host || to.username !== '' || to.password !== '') return false
  return to.protocol === from.protocol || to.protocol === 'https:'
}
