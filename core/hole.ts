import type { Channel } from './channel.ts'

/**
 * An interval in which a feed may have missed something: from the receive time of the last good frame
 * to that of the first good one, UTC nanoseconds by the collector's clock.
 */
export interface Hole {
  /** The same as long as the hole is spoken of: stream and start. */
  readonly id: string
  readonly exchange: string
  readonly market: string
  readonly symbol: string
  /** What the stream brings. */
  readonly channels: readonly Channel[]
  /** As the venue's frames name it. */
  readonly stream: string
  readonly from: bigint
  /** Absent as long as nothing good came. */
  readonly until?: bigint
  readonly cause: HoleCause
  readonly state: HoleState
  /** What proves the miss, or that there was none: ids, for people and for repair. */
  readonly evidence?: string
}

/**
 * - `connection_lost`: no connection was left that brought the stream.
 * - `ids_skipped`: the venue's own numbering has a step.
 * - `no_first_data`: subscribed, perhaps acknowledged, and nothing came.
 * - `silent`: nothing came for longer than the stream's own rhythm allows.
 * - `unreadable`: frames came that nobody could read.
 * - `not_recorded`: frames could not be kept: the disk is full or broken.
 * - `process_dead`: from the last durable line of one process to the first frame of the next.
 * - `not_collected`: collection was paused, or ended before another host went on with it.
 */
export type HoleCause =
  | 'connection_lost'
  | 'ids_skipped'
  | 'no_first_data'
  | 'silent'
  | 'unreadable'
  | 'not_recorded'
  | 'process_dead'
  | 'not_collected'

/** A hole, and the host that found it. */
export interface FoundHole extends Hole {
  readonly server: string
}

/** See `Hole.id`. */
export function holeId(
  { exchange, market, stream }: Pick<Hole, 'exchange' | 'market' | 'stream'>,
  from: bigint,
): string {
  return `${exchange}/${market}/${stream}/${from}`
}

/** Where collection broke off, receive time in UTC nanoseconds, and why: there a hole begins. */
export interface BrokenOff {
  readonly at: bigint
  readonly cause: HoleCause
}

/**
 * - `open`: to be repaired; with `until` its bounds are known.
 * - `refuted`: what came later proves that nothing was missed.
 * - `repaired`, `lost`: what became of it.
 */
export type HoleState = 'open' | 'refuted' | 'repaired' | 'lost'
