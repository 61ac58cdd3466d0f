import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What becomes of one request. */
export type Fate =
  | 'pass'
  /** The connection is reset before the server hears of it. */
  | 'reset'
  /** The server gets the whole request, its answer never arrives. */
  | 'loseAnswer'
  | { readonly answer: number; readonly body: string }
  /** So many bytes of the request arrive, then the connection is reset. */
  | { readonly cutRequest: number }
  /** So many bytes of the answer arrive, then the connection is reset. */
  | { readonly cutAnswer: number }
  /** It waits so many milliseconds, unless whoever sent it gives up before. */
  | { readonly holdMs: number }

/** A request as it comes, before its body. */
export interface Request {
  readonly method: string
  readonly path: string
}

/** A server in front of another, which passes bodies on as they come and has weather of its own. */
export interface StreamGate extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  readonly host: string
  /** Decides about every request. */
  weather: (request: Request) => Fate
  /** Resolves when a request like that comes, or after `ms`; false then. */
  sees(like: (request: Request) => boolean, ms: number): Promise<boolean>
}

/** Opens a gate in front of `http://host:port`; everything passes until `weather` says otherwise. */
export async function openStreamGate(target: string): Promise<StreamGate> {
  const watchers = new Set<(request: Request) => void>()
  const gate: Pick<StreamGate, 'weather'> = { weather: () => 'pass' }
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '' } = incoming
    const seen = { method, path: url }
    for (const watcher of watchers) watcher(seen)
    void serve(target, incoming, outgoing, gate.weather(seen)).catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get weather() {
      return gate.weather
    },
    set weather(weather) {
      gate.weather = weather
    },
    sees: async (like, ms) => {
      const done = new AbortController()
      const seen = new Promise<boolean>((resolve) => {
        const watcher = (one: Request) => like(one) && resolve(true)
        watchers.add(watcher)
        done.signal.addEventListener('abort', () => watchers.delete(watcher))
      })
      const late = delay(ms, false, { signal: done.signal }).catch(() => false)
      return await Promise.race([seen, late]).finally(() => done.abort())
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function serve(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fate: Fate,
): Promise<void> {
  if (fate === 'reset') return reset(incoming)
  if (typeof fate === 'object' && 'answer' in fate) {
    incoming.resume()
    outgoing.writeHead(fate.answer, { 'content-type': 'application/xml' }).end(fate.body)
    return
  }
  if (typeof fate === 'object' && 'holdMs' in fate) await delay(fate.holdMs)
  // Whoever gave up meanwhile must not be heard.
  if (incoming.socket.destroyed) return
  forward(target, incoming, outgoing, fate)
}

function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fate: Fate,
): void {
  // The Host header stays, as S3 signatures cover it.
  const options = { method: incoming.method ?? 'GET', headers: incoming.headers, agent: false }
  const passed = request(`${target}${incoming.url}`, options, (answer) => {
    if (fate === 'loseAnswer') {
      answer.resume()
      return reset(incoming)
    }
    const { connection: _, ...headers } = answer.headers
    outgoing.writeHead(answer.statusCode ?? 502, headers)
    passAnswer(answer, outgoing, cutOf(fate, 'cutAnswer'))
  })
  passed.on('error', () => reset(incoming))
  // A request that its sender did not finish must not look finished to the server.
  incoming.on('aborted', () => passed.destroy())
  outgoing.on('close', () => outgoing.writableFinished || fate === 'loseAnswer' || passed.destroy())
  passRequest(incoming, passed, cutOf(fate, 'cutRequest'))
}

function passRequest(
  incoming: IncomingMessage,
  passed: ReturnType<typeof request>,
  cut: number,
): void {
  let sent = 0
  incoming.on('data', (bytes: Buffer) => {
    if (sent + bytes.length <= cut) {
      sent += bytes.length
      if (!passed.write(bytes)) incoming.pause()
      return
    }
    passed.write(bytes.subarray(0, cut - sent))
    passed.destroy()
    reset(incoming)
  })
  passed.on('drain', () => incoming.resume())
  incoming.on('end', () => passed.end())
  incoming.on('error', () => passed.destroy())
}

function passAnswer(answer: IncomingMessage, outgoing: ServerResponse, cut: number): void {
  let sent = 0
  answer.on('data', (bytes: Buffer) => {
    sent += bytes.length
    if (sent > cut) outgoing.socket?.resetAndDestroy()
    else if (!outgoing.write(bytes)) {
      answer.pause()
      outgoing.once('drain', () => answer.resume())
    }
  })
  answer.on('end', () => outgoing.end())
  answer.on('error', () => outgoing.destroy())
}

function reset({ socket }: IncomingMessage): void {
  if (!socket.destroyed) socket.resetAndDestroy()
}

function cutOf(fate: Fate, which: 'cutRequest' | 'cutAnswer'): number {
  if (typeof fate !== 'object') return Infinity
  if (which === 'cutRequest') return 'cutRequest' in fate ? fate.cutRequest : Infinity
  return 'cutAnswer' in fate ? fate.cutAnswer : Infinity
}
