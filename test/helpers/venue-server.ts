import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

/**
 * A venue on this machine. What it accepts and answers is up to its rules; what it publishes, and what
 * goes wrong on the way, to the test.
 */
export interface VenueServer extends AsyncDisposable {
  readonly host: string
  /** Sends a frame to all that subscribed to its stream; `lost` goes nowhere, `late` after the next of its stream. */
  publish(stream: string, text: string, fate?: 'sent' | 'lost' | 'twice' | 'late'): void
  /** Sends a frame to every connection. */
  tellAll(text: string): void
  /** Ends all connections without a word. */
  cut(): void
  /** Does not publish a stream any more, to anybody, or does so again. */
  mute(stream: string, muted: boolean): void
  /** Whether a stream has a subscriber. */
  hasSubscriber(stream: string): boolean
  readonly seen: {
    /** Connections so far, and how many are open. */
    connects: number
    /** Frames that were sent to all. */
    sent: number
    readonly open: () => number
    /** Frames that came, by the connections in order. */
    readonly received: string[]
    /** Requests for REST, with their times. */
    readonly requests: { readonly url: string; readonly at: number }[]
  }
}

/** What a venue does with a frame or request of a client. */
export interface VenueRules {
  receive(frame: string, client: VenueClient): void
  request?(url: URL): {
    readonly status: number
    readonly body: string
    readonly headers?: Readonly<Record<string, string>>
  }
  /** A connection to which nothing was sent for so long is cut, without a close frame. */
  readonly quietMs?: number
  /** A connection lives no longer. */
  readonly lifeMs?: number
  /** How it says no to a new connection. */
  refuse?():
    { readonly status: number; readonly headers: Readonly<Record<string, string>> } | undefined
}

export interface VenueClient {
  /** Path that it connected to. */
  readonly path: string
  readonly streams: Set<string>
  send(text: string): void
  /** Cuts the connection without a word. */
  cut(): void
}

interface Guest extends VenueClient {
  readonly socket: WebSocket
  quiet: NodeJS.Timeout | undefined
}

export async function startVenueServer(rules: VenueRules): Promise<VenueServer> {
  const guests = new Set<Guest>()
  const muted = new Set<string>()
  const held = new Map<string, readonly string[]>()
  const received: string[] = []
  const requests: { url: string; at: number }[] = []
  const seen = { connects: 0, sent: 0, open: () => guests.size, received, requests }
  const http = createServer(answer)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 })

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://venue')
    requests.push({ url: request.url ?? '', at: performance.now() })
    const { status, body, headers } = rules.request?.(url) ?? { status: 404, body: '' }
    response.writeHead(status, headers).end(body)
  }

  http.on('upgrade', (request, socket, head) => {
    const refusal = rules.refuse?.()
    if (refusal) {
      const headers = Object.entries(refusal.headers).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      )
      socket.end(`HTTP/1.1 ${refusal.status} No\r\n${headers.join('')}content-length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (open) => welcome(open, request.url ?? '/'))
  })

  function welcome(socket: WebSocket, path: string): void {
    seen.connects++
    const guest: Guest = {
      path,
      streams: new Set(),
      socket,
      quiet: undefined,
      send(text) {
        socket.send(text)
        seen.sent++
        keepQuiet(guest)
      },
      cut: () => socket.terminate(),
    }
    guests.add(guest)
    keepQuiet(guest)
    const life =
      rules.lifeMs === undefined ? undefined : setTimeout(() => socket.close(1001), rules.lifeMs)
    socket.on('message', (data: Buffer) => {
      received.push(data.toString())
      rules.receive(data.toString(), guest)
    })
    socket.on('close', () => {
      clearTimeout(life)
      clearTimeout(guest.quiet)
      guests.delete(guest)
    })
  }

  function keepQuiet(guest: Guest): void {
    if (rules.quietMs === undefined) return
    clearTimeout(guest.quiet)
    guest.quiet = setTimeout(guest.cut, rules.quietMs)
  }

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(http.address() as AddressInfo).port}`,
    publish(stream, text, fate = 'sent') {
      if (fate === 'lost' || muted.has(stream)) return
      if (fate === 'late') {
        held.set(stream, [...(held.get(stream) ?? []), text])
        return
      }
      const texts = [text, ...(fate === 'twice' ? [text] : []), ...(held.get(stream) ?? [])]
      held.delete(stream)
      for (const guest of guests) {
        if (guest.streams.has(stream)) texts.forEach((one) => guest.send(one))
      }
    },
    tellAll: (text) => guests.forEach((guest) => guest.send(text)),
    cut: () => guests.forEach((guest) => guest.cut()),
    mute: (stream, isMuted) => void (isMuted ? muted.add(stream) : muted.delete(stream)),
    hasSubscriber: (stream) => [...guests].some((guest) => guest.streams.has(stream)),
    seen,
    async [Symbol.asyncDispose]() {
      guests.forEach((guest) => guest.cut())
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
