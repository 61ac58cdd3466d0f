import type { Channel } from '@backtide/core/channel'
import type { Link } from './holes/chain.ts'
import type { Json } from './frame.ts'

/**
 * What is to be known of a market of a venue to collect it: data and pure functions, no I/O. Durations
 * are milliseconds.
 */
export interface Venue {
  readonly exchange: string
  readonly market: string
  /** Symbols as the venue writes them; venues ignore or punish others, so they are never sent. */
  readonly symbol: RegExp
  readonly limits: VenueLimits
  /** How the client keeps a connection alive; without a `frame` by pings of the protocol. */
  readonly ping: { readonly everyMs: number; readonly frame?: string }
  /** A connection on which nothing came for so long, pongs included, is dead. */
  readonly idleMs: number
  /** After so long the venue ends a connection. */
  readonly lifeMs?: number
  /** Streams that bring a channel of a symbol; none where the venue has no such stream. */
  streams(symbol: string, channel: Channel): readonly Stream[]
  /** The frame that subscribes to streams, no more of them than `limits.streamsPerFrame`. */
  subscribe(streams: readonly Stream[], id: number): string
  /** What a received frame is. */
  read(frame: Json): Reading
  /** Where whole books come from, if streams bring changes only. */
  readonly snapshot?: SnapshotSource
}

export interface VenueLimits {
  readonly streamsPerConnection: number
  readonly streamsPerFrame: number
  readonly connectionsPerAddress?: number
  /** New connections from one address. */
  readonly connects: Rate
  /** Frames that are sent; per connection or for all of an address. */
  readonly messages: Rate & { readonly per: 'connection' | 'address' }
}

/** At most `count` in any `everyMs`. */
export interface Rate {
  readonly count: number
  readonly everyMs: number
}

/** One subscription, which the venue's frames name. */
export interface Stream {
  readonly name: string
  readonly symbol: string
  /** What it brings; one stream may bring several. */
  readonly channels: readonly Channel[]
  readonly url: string
  /** What stands for it in a subscribe frame. */
  readonly subscription: Json
  readonly proof: Proof
  readonly rhythm: Rhythm
  /** The venue itself leaves things out. */
  readonly lossy?: true
  /** What can fill its holes, the best first. */
  readonly repair: readonly Repair[]
}

/**
 * How it can be shown that nothing was missed.
 * - `ids`: each frame's ids follow on those before.
 * - `book`: so do they, and after a break the book is unknown until a snapshot.
 * - `overlap`: the first frame of a connection repeats records; one that is known proves the rest.
 * - `none`: not at all; only time shows a hole.
 */
export type Proof = 'ids' | 'book' | 'overlap' | 'none'

/**
 * When a stream is to bring something. Silence of a steady one is a hole; of another one it is a
 * question to be asked (of REST), for nothing may have happened.
 */
export interface Rhythm {
  readonly steady: boolean
  /** From subscription to first data; absent where nothing need ever come. */
  readonly firstDataMs?: number
  readonly silentMs?: number
}

/** Ways of filling a hole; see the venue's file for what each can reach. */
export type Repair =
  'rest_by_id' | 'rest_by_time' | 'archive' | 'node_data' | 'asset_ctxs' | 'candles'

export type Reading =
  | {
      readonly kind: 'data'
      readonly stream: string
      readonly link?: Link
      /** Natural keys of the records, where the stream's proof is `overlap`. */
      readonly keys?: readonly string[]
    }
  /** A subscription is acknowledged: by its stream, or by the id of the frame that asked. */
  | { readonly kind: 'ack'; readonly id?: number; readonly stream?: string }
  | { readonly kind: 'refused'; readonly id?: number; readonly reason: string }
  | { readonly kind: 'pong' }
  /** The venue is about to end this connection. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'unknown' }

export interface SnapshotSource {
  url(symbol: string): string
  readonly rate: Rate
  /** The last id that a snapshot holds; undefined for anything that is no snapshot. */
  read(body: Json): bigint | undefined
}
