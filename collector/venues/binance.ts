import type { Channel } from '@backtide/core/channel'
import { fieldsOf, idOf, textOf, type Json, type JsonObject } from '../frame.ts'
import type { Link } from '../holes/chain.ts'
import type { Proof, Rate, Reading, Repair, Rhythm, Venue } from '../venue.ts'

/** Symbols are upper case, some not Latin; streams are named in lower case. */
const BINANCE_SYMBOL = /^[\p{Lu}\p{Lo}\d_-]{1,40}$/u

/** A stream of Binance, before it is one of a symbol: `trade` of `btcusdt@trade`. */
export interface StreamKind {
  readonly suffix: string
  readonly url: string
  readonly channels: readonly Channel[]
  readonly proof: Proof
  readonly rhythm: Rhythm
  readonly lossy?: true
  readonly repair: readonly Repair[]
}

/** Trades and changes of books come when something happens. */
export const ON_CHANGE: Rhythm = { steady: false, firstDataMs: 120_000, silentMs: 300_000 }

/** What Binance's markets have in common, and what each has of its own. */
export function binanceVenue({
  market,
  kinds,
  framesPerSecond,
  depth,
}: {
  readonly market: string
  readonly kinds: readonly StreamKind[]
  /** Pings and pongs count too: fewer than the venue allows. */
  readonly framesPerSecond: number
  /** Where whole books are; the symbol goes behind. */
  readonly depth: { readonly url: string; readonly rate: Rate }
}): Venue {
  return {
    exchange: 'binance',
    market,
    symbol: BINANCE_SYMBOL,
    limits: {
      streamsPerConnection: 1024,
      // A frame may name all; smaller ones are acknowledged by themselves.
      streamsPerFrame: 200,
      connects: { count: 300, everyMs: 300_000 },
      messages: { count: framesPerSecond, everyMs: 1000, per: 'connection' },
    },
    // The server pings too, and `ws` answers by itself.
    ping: { everyMs: 30_000 },
    idleMs: 90_000,
    lifeMs: 24 * 3_600_000,
    streams: (symbol, channel) =>
      kinds
        .filter((kind) => kind.channels.includes(channel))
        .map(({ suffix, ...kind }) => {
          const name = `${symbol.toLowerCase()}@${suffix}`
          return { ...kind, name, symbol, subscription: name }
        }),
    subscribe: (streams, id) =>
      JSON.stringify({
        method: 'SUBSCRIBE',
        params: streams.map((stream) => stream.subscription),
        id,
      }),
    read: readBinance,
    snapshot: {
      url: (symbol) => `${depth.url}&symbol=${encodeURIComponent(symbol)}`,
      rate: depth.rate,
      read: (body) => idOf(fieldsOf(body).lastUpdateId),
    },
  }
}

/** Reads a frame of a `/stream` URL, where `data` is named by `stream`. */
function readBinance(frame: Json): Reading {
  const outer = fieldsOf(frame)
  if (typeof outer.stream === 'string') {
    const data = fieldsOf(outer.data)
    if (data.e === 'serverShutdown') return { kind: 'restart' }
    const link = linkOf(data)
    return { kind: 'data', stream: outer.stream, ...(link && { link }) }
  }
  return readControl(outer)
}

function readControl(outer: JsonObject): Reading {
  const event = outer.e ?? fieldsOf(outer.event).e
  if (event === 'serverShutdown') return { kind: 'restart' }
  const id = typeof outer.id === 'number' ? { id: outer.id } : {}
  const error = fieldsOf(outer.error ?? (outer.code === undefined ? undefined : outer))
  if (error.code !== undefined) {
    return { kind: 'refused', ...id, reason: `${textOf(error.code)} ${textOf(error.msg)}` }
  }
  return outer.result === null && 'id' in outer ? { kind: 'ack', ...id } : { kind: 'unknown' }
}

function linkOf(data: JsonObject): Link | undefined {
  switch (data.e) {
    case 'trade':
      return linkBetween(idOf(data.t), idOf(data.t))
    case 'aggTrade':
      return linkBetween(idOf(data.a), idOf(data.a))
    case 'depthUpdate': {
      const previous = idOf(data.pu)
      const last = idOf(data.u)
      if (previous !== undefined && last !== undefined) return { before: previous, last }
      return linkBetween(idOf(data.U), last)
    }
    default:
      return undefined
  }
}

function linkBetween(first: bigint | undefined, last: bigint | undefined): Link | undefined {
  return first === undefined || last === undefined ? undefined : { before: first - 1n, last }
}
