import { retryAfterMs } from '@backtide/core/retry-after'
import { WebSocket, type RawData } from 'ws'
import type { Venue } from '../venue.ts'

/** One WebSocket, kept alive as the venue wants it. */
export interface Connection {
  /** False if it is not open. */
  send(text: string): boolean
  /** Reads no further until `resume`: the venue waits, memory does not grow. */
  pause(): void
  resume(): void
  /** Closes it; `closed` is told as ever. */
  close(): void
}

export interface ConnectionHandlers {
  opened(): void
  message(bytes: Buffer): void
  /** Once, whatever ended it. */
  closed(end: ConnectionEnd): void
}

export interface ConnectionEnd {
  readonly reason: string
  readonly code?: number
  /** What the venue asked to be waited. */
  readonly retryAfterMs?: number
}

const CONNECT_MS = 10_000
const CLOSE_MS = 2000
/** Coinbase's first book has 5 MB. */
const MOST_PAYLOAD = 64 * 1024 * 1024

export function connect(
  url: string,
  { ping, idleMs }: Pick<Venue, 'ping' | 'idleMs'>,
  handlers: ConnectionHandlers,
): Connection {
  // Deflate costs 14 times the processor time (measured on 60,000 messages of 300 bytes).
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: MOST_PAYLOAD,
    handshakeTimeout: CONNECT_MS,
  })
  let end: ConnectionEnd = { reason: 'closed' }
  let isOver = false
  const alive = keepAlive(socket, { ping, idleMs }, () => {
    end = { reason: `nothing came for ${idleMs} ms` }
    socket.terminate()
  })

  socket.on('open', handlers.opened)
  socket.on('message', (data) => {
    alive.hear()
    handlers.message(asBuffer(data))
  })
  socket.on('unexpected-response', (_request, response) => {
    const wait = retryAfterMs(response.headers['retry-after'], Date.now())
    const reason = `the venue answered ${response.statusCode}`
    end = { reason, ...(wait !== undefined && { retryAfterMs: wait }) }
    socket.terminate()
  })
  socket.on('error', (error) => {
    if (end.reason === 'closed') end = { reason: error.message }
  })
  socket.on('close', (code, reason) => {
    if (isOver) return
    isOver = true
    alive.stop()
    const said = reason.toString()
    handlers.closed({ ...end, code, ...(said !== '' && { reason: said }) })
  })

  return {
    send(text) {
      if (socket.readyState !== WebSocket.OPEN) return false
      socket.send(text)
      return true
    },
    pause: () => socket.pause(),
    resume() {
      alive.hear()
      socket.resume()
    },
    close() {
      socket.close(1000)
      setTimeout(() => socket.terminate(), CLOSE_MS).unref()
    },
  }
}

/** Pings, and tells once when nothing came for too long: pongs count. */
function keepAlive(
  socket: WebSocket,
  { ping, idleMs }: Pick<Venue, 'ping' | 'idleMs'>,
  onDead: () => void,
): { hear(): void; stop(): void } {
  let heard = performance.now()
  const hear = () => {
    heard = performance.now()
  }
  const sendPing = () => {
    if (socket.readyState !== WebSocket.OPEN) return
    if (ping.frame === undefined) socket.ping()
    else socket.send(ping.frame)
  }
  const judge = () => {
    // Before it is open there is another deadline, and nothing is heard while reading is paused.
    if (socket.isPaused || socket.readyState === WebSocket.CONNECTING) hear()
    else if (performance.now() - heard >= idleMs) onDead()
  }
  const timers = [setInterval(sendPing, ping.everyMs), setInterval(judge, idleMs / 4)]
  for (const event of ['open', 'ping', 'pong'] as const) socket.on(event, hear)
  return { hear, stop: () => timers.forEach(clearInterval) }
}

function asBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
