import type { Wanted } from '@backtide/core/live'
import type { Stream, Venue } from './venue.ts'

/** What one connection brings. */
export interface PlannedConnection {
  /** Names its captures: the same for the same assignment, so that a restart finds them. */
  readonly name: string
  readonly url: string
  readonly streams: readonly Stream[]
}

/** Feeds that fit into one connection. */
export interface PlannedFeeds {
  /** What its URL is called: `public` of `public-0`. */
  readonly route: string
  readonly wanted: readonly Wanted[]
}

/**
 * Divides feeds into connections, within the venue's limits; a symbol's streams of one URL stay
 * together. Feeds that the venue does not have are left out.
 * @throws Error for a symbol the venue cannot have
 */
export function planFeeds(venue: Venue, wanted: readonly Wanted[]): readonly PlannedFeeds[] {
  const byUrl = new Map<string, Wanted[]>()
  for (const one of wanted) {
    for (const [url, channels] of channelsByUrl(venue, one)) {
      byUrl.set(url, [...(byUrl.get(url) ?? []), { symbol: one.symbol, channels }])
    }
  }
  return [...byUrl].flatMap(([url, feeds]) =>
    inBundles(venue, feeds).map((bundle) => ({ route: routeOf(url), wanted: bundle })),
  )
}

function channelsByUrl(venue: Venue, { symbol, channels }: Wanted) {
  checkSymbol(venue, symbol)
  const byUrl = new Map<string, Wanted['channels']>()
  for (const channel of channels) {
    const [stream] = venue.streams(symbol, channel)
    if (stream) byUrl.set(stream.url, [...(byUrl.get(stream.url) ?? []), channel])
  }
  return byUrl
}

function inBundles(venue: Venue, feeds: readonly Wanted[]): readonly (readonly Wanted[])[] {
  const bundles: Wanted[][] = []
  for (const one of feeds) {
    const last = bundles.at(-1)
    const together = [...(last ?? []), one]
    const fits = streamsOf(venue, together).length <= venue.limits.streamsPerConnection
    if (last && fits) last.push(one)
    else bundles.push([one])
  }
  return bundles
}

/**
 * The connection that brings some feeds.
 * @throws Error for symbols the venue cannot have, and where one connection cannot bring them
 */
export function planConnection(
  venue: Venue,
  name: string,
  wanted: readonly Wanted[],
): PlannedConnection {
  for (const { symbol } of wanted) checkSymbol(venue, symbol)
  const streams = streamsOf(venue, wanted)
  const [url, ...others] = new Set(streams.map((stream) => stream.url))
  const { exchange, market, limits } = venue
  if (url === undefined || others.length > 0 || streams.length > limits.streamsPerConnection) {
    throw new Error(`${exchange} ${market} cannot bring ${name} over one connection.`)
  }
  return { name, url, streams }
}

function streamsOf(venue: Venue, wanted: readonly Wanted[]): readonly Stream[] {
  const streams = wanted.flatMap(({ symbol, channels }) =>
    channels.flatMap((channel) => venue.streams(symbol, channel)),
  )
  return [...new Map(streams.map((stream) => [stream.name, stream])).values()]
}

function checkSymbol({ exchange, market, symbol: pattern }: Venue, symbol: string): void {
  if (pattern.test(symbol)) return
  throw new Error(`${JSON.stringify(symbol)} is no symbol of ${exchange} ${market}.`)
}

/** `public` of `wss://fstream.binance.com/public/stream`; `ws` of the last part where there is one only. */
function routeOf(url: string): string {
  return new URL(url).pathname.split('/').find((part) => part !== '') ?? 'ws'
}
