import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What to do with a request: let it through, keep it waiting, answer it ourselves, cut it off. */
export type Action =
  | 'pass'
  | 'hold'
  | { readonly answer: number; readonly body?: string }
  /** Passes the answer on until so many bytes of its body, then resets the connection. */
  | { readonly cutAfter: number }

/** A request as a rule sees it. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly body: Buffer
}

/** A server in front of another, where a test decides what comes through. */
export interface Gate extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly host: string
  /** First bytes of the bodies of all requests so far, also of those that never ended. */
  readonly begun: readonly string[]
  /** All requests so far. */
  readonly seen: readonly Seen[]
  /** Requests that are held now. */
  readonly held: readonly Seen[]
  /** Requests that were not answered to their end yet, held ones among them. */
  readonly active: readonly Seen[]
  rule: (seen: Seen) => Action
  /** Lets everything held through, and everything to come. */
  open(): void
}

/** Opens a gate in front of an HTTP server; everything passes until `rule` says otherwise. */
export async function openGate(target: string): Promise<Gate> {
  const begun: string[] = []
  const seen: Seen[] = []
  const held = new Map<Seen, () => void>()
  const active = new Set<Seen>()
  const gate: Pick<Gate, 'rule'> = { rule: () => 'pass' }
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing).catch(() => outgoing.destroy())
  })

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    incoming.once('data', (bytes: Buffer) => begun.push(bytes.toString('latin1', 0, 40)))
    const one = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      body: await read(incoming),
    }
    seen.push(one)
    active.add(one)
    outgoing.once('close', () => active.delete(one))
    let action = gate.rule(one)
    while (action === 'hold') {
      await new Promise<void>((resolve) => {
        held.set(one, resolve)
        outgoing.once('close', resolve)
      })
      held.delete(one)
      if (outgoing.destroyed) return
      action = gate.rule(one)
    }
    if (typeof action === 'object' && 'answer' in action) {
      outgoing.writeHead(action.answer, { 'content-type': 'application/xml' }).end(action.body)
      return
    }
    forward(target, incoming, one, outgoing, action === 'pass' ? Infinity : action.cutAfter)
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const open = () => {
    gate.rule = () => 'pass'
    for (const release of held.values()) release()
  }
  return {
    url: `http://${host}`,
    host,
    begun,
    seen,
    get held() {
      return [...held.keys()]
    },
    get active() {
      return [...active]
    },
    get rule() {
      return gate.rule
    },
    set rule(rule) {
      gate.rule = rule
      for (const release of held.values()) release()
    },
    open,
    [Symbol.asyncDispose]: async () => {
      open()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function forward(
  target: string,
  incoming: IncomingMessage,
  { body }: Seen,
  outgoing: ServerResponse,
  cutAfter: number,
): void {
  // The Host header stays, as S3 signatures cover it.
  const options = { method: incoming.method ?? 'GET', headers: incoming.headers }
  const passed = request(`${target}${incoming.url}`, options, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    let sent = 0
    answer.on('data', (bytes: Buffer) => {
      sent += bytes.length
      if (sent > cutAfter) outgoing.socket?.resetAndDestroy()
      else outgoing.write(bytes)
    })
    answer.on('end', () => outgoing.end())
    answer.on('error', () => outgoing.destroy())
  })
  passed.on('error', () => outgoing.destroy())
  passed.end(body)
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
