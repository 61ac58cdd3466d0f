import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of one request for an object. */
export type Fate =
  | 'pass'
  /** Taken, never answered. */
  | 'silence'
  | { readonly answer: number; readonly code: string; readonly headers?: Headers }
  /** So many bytes of the body arrive, then the connection ends. */
  | { readonly endAfter: number }
  /** So many bytes of the body arrive, then nothing more. */
  | { readonly stallAfter: number }
  /** The byte of the body at this place arrives changed. */
  | { readonly spoil: number }

type Headers = Readonly<Record<string, string>>

/** A request as it was made. */
export interface Asked {
  readonly path: string
  readonly range: string | undefined
  readonly ifMatch: string | undefined
  readonly ifNoneMatch: string | undefined
  readonly ifRange: string | undefined
}

/** A wire to an archive, on which a test decides byte by byte what arrives. */
export interface ArchiveWire extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** All requests so far. */
  readonly asked: readonly Asked[]
  /** Connections that were made so far. */
  readonly connections: number
  /** Body bytes that went through so far. */
  readonly bytes: number
  fate: (asked: Asked) => Fate
}

/** Opens a wire to an HTTP server; everything passes until `fate` says otherwise. */
export async function openArchiveWire(target: string): Promise<ArchiveWire> {
  const asked: Asked[] = []
  const count = { connections: 0, bytes: 0 }
  const wire: Pick<ArchiveWire, 'fate'> = { fate: () => 'pass' }
  const server = createServer((incoming, outgoing) => {
    const { url = '', headers } = incoming
    const one = {
      path: url,
      range: headers.range,
      ifMatch: headers['if-match'],
      ifNoneMatch: headers['if-none-match'],
      ifRange: headers['if-range'] as string | undefined,
    }
    asked.push(one)
    const fate = wire.fate(one)
    if (fate === 'silence') return
    if (typeof fate === 'object' && 'answer' in fate) {
      const body = `<Error><Code>${fate.code}</Code><Message>as told</Message></Error>`
      const said = { 'content-type': 'application/xml', ...fate.headers }
      outgoing.writeHead(fate.answer, said).end(body)
      return
    }
    forward(target, incoming, outgoing, fate, (bytes) => (count.bytes += bytes))
  })
  server.on('connection', () => (count.connections += 1))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get connections() {
      return count.connections
    },
    get bytes() {
      return count.bytes
    },
    get fate() {
      return wire.fate
    },
    set fate(fate) {
      wire.fate = fate
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Fates of the first requests, one after the other; all others pass. */
export function inTurn(...fates: readonly Fate[]): () => Fate {
  let next = 0
  return () => fates[next++] ?? 'pass'
}

/** First byte a request asked for; -1 when it asked for no range. */
export function begunAt(one: Pick<Asked, 'range'> | undefined): number {
  return Number(/bytes=(\d+)-/.exec(one?.range ?? '')?.[1] ?? -1)
}

function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fate: Passing,
  onBytes: (bytes: number) => void,
): void {
  // The Host header stays, as S3 signatures cover it.
  const options = { method: incoming.method ?? 'GET', headers: incoming.headers, agent: false }
  const passed = request(`${target}${incoming.url}`, options, (answer) => {
    const { connection: _, ...headers } = answer.headers
    outgoing.writeHead(answer.statusCode ?? 502, headers)
    void pass(answer, outgoing, fate, onBytes).catch(() => outgoing.destroy())
  })
  passed.on('error', () => outgoing.destroy())
  outgoing.on('close', () => passed.destroy())
  incoming.pipe(passed)
}

async function pass(
  answer: IncomingMessage,
  outgoing: ServerResponse,
  fate: Passing,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { endAfter = Infinity, stallAfter = Infinity, spoil = -1 } = fate === 'pass' ? {} : fate
  const limit = Math.min(endAfter, stallAfter)
  let passed = 0
  for await (const bytes of answer as AsyncIterable<Buffer>) {
    const some = spoiled(bytes.subarray(0, limit - passed), spoil - passed)
    passed += some.length
    onBytes(some.length)
    if (!outgoing.write(some)) await firstOf(outgoing, 'drain', 'close')
    if (passed < limit) continue
    if (limit === stallAfter) await once(outgoing, 'close')
    outgoing.socket?.end()
    return
  }
  outgoing.end()
}

function spoiled(bytes: Buffer, at: number): Buffer {
  if (at >= 0 && at < bytes.length) bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
  return bytes
}

async function firstOf(outgoing: ServerResponse, ...events: readonly string[]): Promise<void> {
  const done = new AbortController()
  await Promise.race(events.map((event) => once(outgoing, event, { signal: done.signal })))
  done.abort()
}

/** A fate of the body, each part of it optional. */
type Passing =
  'pass' | { readonly endAfter?: number; readonly stallAfter?: number; readonly spoil?: number }
