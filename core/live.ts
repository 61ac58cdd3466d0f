import type { Channel } from './channel.ts'
import type { HoleCause } from './hole.ts'

/**
 * The feeds of one connection to a venue. A `collect` workflow keeps each going, on one host after
 * another.
 */
export interface Assignment {
  readonly exchange: string
  readonly market: string
  /** One of the connections to that market: `public-0`. */
  readonly connection: string
  /** From 1: the same feeds may be collected several times, on different hosts. */
  readonly replica: number
  readonly wanted: readonly Wanted[]
}

/** What is to be collected of a symbol. */
export interface Wanted {
  readonly symbol: string
  readonly channels: readonly Channel[]
}

/** What tells assignments apart: `binance/perp/public-0/1`. */
export function assignmentId({
  exchange,
  market,
  connection,
  replica,
}: Omit<Assignment, 'wanted'>): string {
  return `${exchange}/${market}/${connection}/${replica}`
}

/** A `BrokenOff` (core/hole.ts) as it travels; times are texts of core/nano-time.ts. */
export interface BrokenOffText {
  readonly at: string
  readonly cause: HoleCause
}

/** Timeouts and intervals of a `collect` workflow, in milliseconds; they travel in its input. */
export interface LiveTempo {
  /** Silence after which feeds are taken from a host and given to another. */
  readonly heartbeatTimeout: number
  /** First and longest wait before another attempt. */
  readonly retryInitialInterval: number
  readonly retryMaximumInterval: number
  /** After so long an attempt ends by itself, so that their numbers do not grow. */
  readonly turn: number
  /** Longest a short activity may take. */
  readonly controlTimeout: number
}

export const LIVE_TEMPO: LiveTempo = {
  heartbeatTimeout: 20_000,
  retryInitialInterval: 500,
  retryMaximumInterval: 2_000,
  turn: 24 * 3_600_000,
  controlTimeout: 120_000,
}

/** Input of a `collect` workflow. */
export interface CollectInput {
  readonly assignment: Assignment
  readonly tempo: LiveTempo
  /** Of a run before this one. */
  readonly brokeOff?: BrokenOffText
  readonly paused?: { readonly reason?: string; readonly by?: string }
}

/** Input of the activity `collect`. */
export type CollectTask = Pick<CollectInput, 'assignment' | 'brokeOff'> & { readonly turn: number }

/** How an attempt ended as planned. */
export interface CollectResult {
  /**
   * - `turned`: after its time, while the host goes on; the next may be the same one's.
   * - `left`: the host is about to stop.
   * - `stopped`: collection was paused or cancelled.
   */
  readonly end: 'turned' | 'left' | 'stopped'
  /** Receive time of the last line on disk. */
  readonly durable?: string
}

/** What a host says of an assignment with each heartbeat. */
export interface CollectProgress {
  readonly server: string
  readonly state: 'connecting' | 'running' | 'stopped' | 'failed'
  /** Receive time of the last line on disk. */
  readonly durable?: string
  /** Where it began after others. */
  readonly brokeOff?: BrokenOffText
  readonly messages: number
  readonly bytes: number
  readonly connects: number
  readonly openHoles: number
  /** Streams that bring nothing, though something was to come. */
  readonly waiting: readonly string[]
}
