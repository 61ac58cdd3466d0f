import { BINANCE_SPOT } from '@backtide/collector/venues/binance-spot'
import { BINANCE_USDM } from '@backtide/collector/venues/binance-usdm'
import { HYPERLIQUID_PERP } from '@backtide/collector/venues/hyperliquid'
import type { Stream, Venue } from '@backtide/collector/venue'
import type { Channel } from '@backtide/core/channel'
import { onTestFinished } from 'vitest'
import { collect } from './live-session.ts'
import { binanceFrames, hyperliquidFrames } from './venue-feeds.ts'
import { atServer, binanceRules, hyperliquidRules } from './venue-server-rules.ts'
import { startVenueServer, type VenueRules, type VenueServer } from './venue-server.ts'
import { waitUntil } from './wait-until.ts'

/** A session with Hyperliquid that collects trades and books of BTC. */
export async function hyperliquid(
  rules: Partial<VenueRules> & { coins?: string[] } = {},
  faster = {},
) {
  const frames = hyperliquidFrames('BTC')
  const server = await startVenueServer(
    hyperliquidRules({ coins: ['BTC'], recentTrades: frames.recent, ...rules }),
  )
  onTestFinished(() => server[Symbol.asyncDispose]())
  const ping = { everyMs: 100, frame: '{"method":"ping"}' }
  const venue = atServer({ ...HYPERLIQUID_PERP, ...faster }, server.host, { ping })
  const live = collect(venue, [{ symbol: 'BTC', channels: ['trades', 'book'] }])
  onTestFinished(() => live.session.stop())
  return { server, live, frames }
}

/** A session with Binance, spot or USDⓈ-M, that collects BTCUSDT. */
export async function binance({
  futures = false,
  firstId = 1000,
  rules = {},
  faster = {},
  channels = ['trades', 'book', 'bbo'],
  ...options
}: {
  readonly futures?: boolean
  readonly firstId?: number
  readonly rules?: Parameters<typeof binanceRules>[0]
  readonly faster?: Partial<Venue>
  readonly channels?: readonly Channel[]
} & Parameters<typeof collect>[2] = {}) {
  const frames = binanceFrames('BTCUSDT', { futures, firstId })
  const books = new Map([['BTCUSDT', frames.lastUpdate()]])
  const server = await startVenueServer(binanceRules({ books, ...rules }))
  onTestFinished(() => server[Symbol.asyncDispose]())
  const base = { ...(futures ? BINANCE_USDM : BINANCE_SPOT), ...faster }
  const snapshot = base.snapshot && {
    snapshot: { ...base.snapshot, rate: { count: 1000, everyMs: 1000 } },
  }
  const venue = atServer({ ...base, ...snapshot }, server.host)
  const live = collect(venue, [{ symbol: 'BTCUSDT', channels }], options)
  onTestFinished(() => live.session.stop())
  return { server, live, frames, books }
}

/** What a venue is with streams of another rhythm. */
export function rhythms(rhythm: Stream['rhythm'], venue: Venue = BINANCE_SPOT): Partial<Venue> {
  return {
    streams: (symbol, channel) =>
      venue.streams(symbol, channel).map((stream) => ({ ...stream, rhythm })),
  }
}

export async function subscribed(server: VenueServer, stream: string): Promise<void> {
  await waitUntil(`the subscription of ${stream}`, () => server.hasSubscriber(stream))
}

/** The stream of a kind of frame. */
export function streamOf(
  frames: ReturnType<typeof binanceFrames>,
  kind: 'trade' | 'change' | 'bbo',
): string {
  return { trade: frames.tradeStream, change: frames.bookStream, bbo: frames.bboStream }[kind]
}
