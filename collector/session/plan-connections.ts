import type { Channel } from '@backtide/core/channel'
import type { Stream, Venue } from '../venue.ts'

/** What one connection brings. */
export interface PlannedConnection {
  /** `public-0`: the same for the same streams, so that a restart finds its captures. */
  readonly name: string
  readonly url: string
  readonly streams: readonly Stream[]
}

/**
 * The connections that symbols and channels need, within the venue's limits.
 * @throws Error for a symbol the venue cannot have, and where more connections are needed than it allows
 */
export function planConnections(
  venue: Venue,
  wanted: readonly { readonly symbol: string; readonly channels: readonly Channel[] }[],
): readonly PlannedConnection[] {
  const all = streamsOf(venue, wanted)
  const urls = new Set(all.map((stream) => stream.url))
  const most = venue.limits.streamsPerConnection
  const planned = [...urls].flatMap((url) => {
    const streams = all.filter((stream) => stream.url === url)
    return Array.from({ length: Math.ceil(streams.length / most) }, (_, at) => ({
      name: `${routeOf(url)}-${at}`,
      url,
      streams: streams.slice(at * most, (at + 1) * most),
    }))
  })
  const allowed = venue.limits.connectionsPerAddress ?? Infinity
  if (planned.length > allowed) {
    throw new Error(
      `${venue.exchange} ${venue.market}: ${planned.length} connections are needed and ${allowed} allowed: collect fewer symbols or channels here.`,
    )
  }
  return planned
}

function streamsOf(
  venue: Venue,
  wanted: readonly { readonly symbol: string; readonly channels: readonly Channel[] }[],
): readonly Stream[] {
  const streams = new Map<string, Stream>()
  for (const { symbol, channels } of wanted) {
    if (!venue.symbol.test(symbol)) {
      throw new Error(
        `${JSON.stringify(symbol)} is no symbol of ${venue.exchange} ${venue.market}.`,
      )
    }
    for (const stream of channels.flatMap((channel) => venue.streams(symbol, channel))) {
      streams.set(stream.name, stream)
    }
  }
  return [...streams.values()]
}

/** `public` of `wss://fstream.binance.com/public/stream`; `ws` of the last part where there is one only. */
function routeOf(url: string): string {
  return new URL(url).pathname.split('/').find((part) => part !== '') ?? 'ws'
}
