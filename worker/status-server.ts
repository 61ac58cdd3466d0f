import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { CheckReadiness } from './readiness.ts'

export interface StatusServerOptions {
  readonly host: string
  readonly port: number
  readonly check: CheckReadiness
  /** All metrics, in Prometheus' text format. */
  readonly metrics: () => Promise<string>
}

/**
 * Serves `/health` (the process lives), `/ready` (what it needs answers: 200, else 503) and `/metrics`.
 * @throws Error when the port is taken
 */
export async function startStatusServer(
  options: StatusServerOptions,
): Promise<{ close(): Promise<void> }> {
  const { host, port } = options
  const server = createServer((request, response) => {
    void answer(options, request)
      .catch(() => text(500, 'It failed; the log of the worker may say why.\n'))
      .then((said) => send(response, said))
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

interface Said {
  readonly status: number
  readonly type: string
  readonly body: string
}

async function answer(
  { host, check, metrics }: StatusServerOptions,
  { method, url, headers }: IncomingMessage,
): Promise<Said> {
  // A page whose name was rebound to this machine would otherwise read along.
  if (isLoopback(host) && !isLoopback(headers.host ?? '')) {
    return text(421, 'Address the worker as 127.0.0.1 or localhost.\n')
  }
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'GET only.\n')
  const [path] = (url ?? '').split('?')
  if (path === '/health') return json(200, { status: 'ok' })
  if (path === '/metrics') return { status: 200, type: PROMETHEUS, body: await metrics() }
  if (path !== '/ready') return text(404, 'There are /health, /ready and /metrics.\n')
  const ready = await check()
  return json(ready.ready ? 200 : 503, ready)
}

function send(response: ServerResponse, { status, type, body }: Said): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(response.req.method === 'HEAD' ? '' : body)
}

function json(status: number, body: object): Said {
  return { status, type: 'application/json', body: JSON.stringify(body) }
}

function text(status: number, body: string): Said {
  return { status, type: 'text/plain; charset=utf-8', body }
}

/** A name of this machine alone, with or without a port. */
function isLoopback(host: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[?::1\]?)(:\d+)?$/i.test(host)
}

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8'
