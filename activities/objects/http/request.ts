import { Agent as PlainAgent, request as requestPlain, type IncomingMessage } from 'node:http'
import { Agent as SecureAgent, request as requestSecure } from 'node:https'
import { AGENT, type Timeouts } from '../reading/ranged-store.ts'

/** Sends one GET and resolves with the answer, its body not read. Rejects when there is none. */
export type SendGet = (get: Get) => Promise<IncomingMessage>

export interface Get {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Ends the request and also the body of its answer. */
  readonly signal: AbortSignal
}

/** GETs over connections that are kept; redirects are answers like others. */
export function createSendGet(timeouts: Omit<Timeouts, 'stallMs'>): SendGet {
  const plain = new PlainAgent(AGENT)
  const secure = new SecureAgent(AGENT)
  return ({ url, headers, signal }) =>
    new Promise((resolve, reject) => {
      const asked =
        url.protocol === 'https:'
          ? requestSecure(url, { agent: secure, headers, signal })
          : requestPlain(url, { agent: plain, headers, signal })
      let timer = deadline(timeouts.connectMs, 'connects')
      asked.once('socket', (socket) => {
        if (!socket.connecting) return connected()
        socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
      })
      asked.once('response', (answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
      // Also after the answer: what breaks then is the body's to tell.
      asked.on('error', (error) => {
        clearTimeout(timer)
        reject(error)
      })
      asked.end()

      function connected(): void {
        clearTimeout(timer)
        timer = deadline(timeouts.answerMs, 'answers')
      }

      function deadline(ms: number, what: string): NodeJS.Timeout {
        return setTimeout(() => {
          asked.destroy(new Error(`nobody ${what} within ${ms} ms`))
        }, ms)
      }
    })
}

/** Bytes of an answer worth reading for the connection's sake. */
const MOST_DRAINED = 64 * 1024

/** Frees the connection of an answer whose body nobody wants. */
export function discard(answer: IncomingMessage): void {
  answer.on('error', () => {})
  const length = Number(answer.headers['content-length'] ?? Infinity)
  if (length <= MOST_DRAINED) answer.resume()
  else answer.destroy()
}
