import type { Venue } from '@backtide/collector/venue'
import { venueAt } from '@backtide/collector/venue-at'
import type { VenueClient, VenueRules } from './venue-server.ts'

/**
 * Binance: every subscription is acknowledged by its id, also of a stream that the URL never brings.
 * `books` has the last id of each symbol's book, for REST.
 */
export function binanceRules({
  brings = () => true,
  books = new Map<string, number>(),
  ...more
}: {
  /** Whether a stream comes at a path. */
  readonly brings?: (path: string, stream: string) => boolean
  readonly books?: ReadonlyMap<string, number>
} & Partial<VenueRules> = {}): VenueRules {
  return {
    receive(frame, client) {
      const { method, params, id } = JSON.parse(frame) as {
        method: string
        params: readonly string[]
        id: number
      }
      if (method !== 'SUBSCRIBE') {
        client.send(JSON.stringify({ error: { code: 2, msg: 'Invalid request' }, id }))
        return
      }
      for (const stream of params) {
        if (brings(client.path, stream)) client.streams.add(stream)
      }
      client.send(JSON.stringify({ result: null, id }))
    },
    request(url) {
      const lastUpdateId = books.get(url.searchParams.get('symbol') ?? '')
      if (lastUpdateId === undefined) return { status: 400, body: '{"code":-1121}' }
      return { status: 200, body: JSON.stringify({ lastUpdateId, bids: [['1.0', '2']], asks: [] }) }
    },
    ...more,
  }
}

/**
 * Hyperliquid: one subscription a frame; a coin it does not know closes the socket without a word, a
 * second subscription is an error. Trades begin with those of the last while.
 */
export function hyperliquidRules({
  coins,
  recentTrades = () => [],
  ...more
}: {
  readonly coins: readonly string[]
  readonly recentTrades?: () => readonly object[]
} & Partial<VenueRules>): VenueRules {
  return {
    receive(frame, client) {
      const { method, subscription } = JSON.parse(frame) as {
        method: string
        subscription?: { type: string; coin: string; fast?: boolean }
      }
      if (method === 'ping') client.send('{"channel":"pong"}')
      else if (subscription) subscribe(client, subscription)
    },
    ...more,
  }

  function subscribe(
    client: VenueClient,
    subscription: { type: string; coin: string; fast?: boolean },
  ): void {
    const { type, coin, fast } = subscription
    if (!coins.includes(coin)) return client.cut()
    const name = `${type}:${coin}${fast ? ':fast' : ''}`
    if (client.streams.has(name)) {
      client.send(JSON.stringify({ channel: 'error', data: `Already subscribed: ${name}` }))
      return
    }
    const data = { method: 'subscribe', subscription }
    client.send(JSON.stringify({ channel: 'subscriptionResponse', data }))
    client.streams.add(name)
    const trades = type === 'trades' ? recentTrades() : []
    if (trades.length > 0) client.send(JSON.stringify({ channel: 'trades', data: trades }))
  }
}

/** A venue as it is, but for where it is and how fast its time goes. */
export function atServer(venue: Venue, host: string, faster: Partial<Venue> = {}): Venue {
  return {
    ...venueAt(venue, { baseUrl: `ws://${host}`, restUrl: `http://${host}` }),
    ...faster,
  }
}
