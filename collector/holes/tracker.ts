import type { Channel } from '@backtide/core/channel'
import { holeId, type BrokenOff, type Hole, type HoleCause } from '@backtide/core/hole'
import type { Proof } from '../venue.ts'
import { createBookSync, type BookSync } from './book-sync.ts'
import { describeIds, stepOf, without, type Link } from './chain.ts'
import { createKnownKeys } from './known-keys.ts'

/**
 * What one stream may have missed, over all connections that bring it. Times are receive times, UTC
 * nanoseconds. Each call returns the holes that it opened, bounded or refuted.
 */
export interface StreamTracker {
  /** A frame of the stream came over a connection. */
  data(connection: string, time: bigint, facts?: FrameFacts): readonly Hole[]
  /** A connection brings the stream, though it has had nothing to bring yet. */
  carries(connection: string): void
  /** A connection is gone. It is a hole if no other brings the stream. */
  lost(connection: string, cause: HoleCause): readonly Hole[]
  /** Something did not come that should have, or was not kept from `from` on: a hole from the last good frame. */
  missed(cause: HoleCause, from?: bigint): readonly Hole[]
  /** A whole book was fetched, up to `lastId`. */
  snapshot(time: bigint, lastId: bigint): readonly Hole[]
  /** True as long as a snapshot is needed. */
  needsSnapshot(): boolean
  /** False for a book of changes that no snapshot fits yet. */
  isKnown(): boolean
  /** The hole that is open now. */
  open(): Hole | undefined
}

export interface FrameFacts {
  readonly link?: Link
  readonly keys?: readonly string[]
}

export interface TrackedStream {
  readonly exchange: string
  readonly market: string
  readonly symbol: string
  readonly channels: readonly Channel[]
  readonly stream: string
  readonly proof: Proof
  /** Since when it is collected. */
  readonly since: bigint
  /** Where collection broke off before. */
  readonly brokeOff?: BrokenOff
}

/** Holes of missing ids that may still be refuted by frames that come late. */
const MOST_LATE = 100

export function createTracker(tracked: TrackedStream): StreamTracker {
  return new Tracker(tracked)
}

class Tracker implements StreamTracker {
  readonly #tracked: TrackedStream
  readonly #carriers = new Set<string>()
  readonly #known = createKnownKeys()
  readonly #book: BookSync | undefined
  #lastGood: bigint
  #lastId: bigint | undefined
  #hole: OpenHole | undefined
  #late: readonly LateHole[] = []

  constructor(tracked: TrackedStream) {
    const { proof, since, brokeOff } = tracked
    this.#tracked = tracked
    this.#book = proof === 'book' ? createBookSync() : undefined
    this.#lastGood = brokeOff?.at ?? since
    if (brokeOff) this.#hole = { from: brokeOff.at, cause: brokeOff.cause, missing: [] }
  }

  data(connection: string, time: bigint, { link, keys }: FrameFacts = {}): readonly Hole[] {
    this.#carriers.add(connection)
    if (link) return this.#follow(time, link)
    const repeated = keys && this.#known.add(keys)
    this.#lastGood = time
    return repeated === undefined ? this.#bound(time) : this.#refute(`${repeated} came again`)
  }

  carries(connection: string): void {
    this.#carriers.add(connection)
  }

  lost(connection: string, cause: HoleCause): readonly Hole[] {
    const had = this.#carriers.delete(connection)
    return had && this.#carriers.size === 0 ? this.missed(cause) : []
  }

  missed(cause: HoleCause, from = this.#lastGood): readonly Hole[] {
    if (this.#hole) return []
    this.#hole = { from: from < this.#lastGood ? from : this.#lastGood, cause, missing: [] }
    return [this.#show(this.#hole)]
  }

  snapshot(time: bigint, lastId: bigint): readonly Hole[] {
    return this.#book?.snapshot(lastId) === 'known' ? this.#bound(time) : []
  }

  needsSnapshot(): boolean {
    return this.#book?.needsSnapshot() ?? false
  }

  isKnown(): boolean {
    return this.#book?.isKnown() ?? true
  }

  open(): Hole | undefined {
    return this.#hole && this.#show(this.#hole)
  }

  #follow(time: bigint, link: Link): readonly Hole[] {
    const step = stepOf(this.#lastId, link)
    if (step === 'old') return this.#fillLate(link)
    this.#lastId = link.last
    const opened = typeof step === 'object' ? this.#skip(step.missed) : []
    this.#lastGood = time
    const wasKnown = this.isKnown()
    // A book is good again only when it is known; anything else with the frame itself.
    if (this.#book && this.#book.push(link) !== 'known') return opened
    const goesOn = step === 'next' && wasKnown && this.#hole?.missing.length === 0
    return goesOn ? this.#refute('ids go on') : this.#bound(time)
  }

  #skip(missed: Link): readonly Hole[] {
    const { from = this.#lastGood, cause = 'ids_skipped', missing = [] } = this.#hole ?? {}
    this.#hole = { from, cause, missing: [...missing, missed] }
    this.#book?.break()
    return [this.#show(this.#hole)]
  }

  /** Ends the open hole at the first good frame. */
  #bound(time: bigint): readonly Hole[] {
    const bounded = this.#hole
    if (!bounded) return []
    this.#hole = undefined
    // The clock may have gone back in between.
    const until = time > bounded.from ? time : bounded.from
    if (bounded.missing.length > 0) {
      this.#late = [...this.#late, { ...bounded, until }].slice(-MOST_LATE)
    }
    return [this.#show(bounded, { until })]
  }

  #refute(evidence: string): readonly Hole[] {
    const refuted = this.#hole
    if (!refuted) return []
    this.#hole = undefined
    return [this.#show(refuted, { state: 'refuted', evidence })]
  }

  #fillLate(link: Link): readonly Hole[] {
    const changed: Hole[] = []
    this.#late = this.#late.flatMap((it) => {
      const rest = { ...it, missing: without(it.missing, link) }
      if (same(rest.missing, it.missing)) return [it]
      const isFilled = rest.missing.length === 0
      const verdict = isFilled ? ({ state: 'refuted', evidence: CAME_LATE } as const) : {}
      changed.push(this.#show(rest, { until: it.until, ...verdict }))
      return isFilled ? [] : [rest]
    })
    return [...changed, ...this.#fillOpen(link)]
  }

  #fillOpen(link: Link): readonly Hole[] {
    if (!this.#hole || this.#hole.missing.length === 0) return []
    this.#hole = { ...this.#hole, missing: without(this.#hole.missing, link) }
    if (this.#hole.missing.length > 0 || this.#hole.cause !== 'ids_skipped') return []
    this.#book?.restore()
    return this.#refute(CAME_LATE)
  }

  #show({ missing, ...it }: OpenHole, rest: Partial<Hole> = {}): Hole {
    const { exchange, market, symbol, channels, stream } = this.#tracked
    const id = holeId(this.#tracked, it.from)
    const evidence = missing.length > 0 && { evidence: `ids ${describeIds(missing)} missing` }
    return {
      id,
      exchange,
      market,
      symbol,
      channels,
      stream,
      ...it,
      state: 'open',
      ...evidence,
      ...rest,
    }
  }
}

function same(left: readonly Link[], right: readonly Link[]): boolean {
  return left.length === right.length && left.every((span, at) => span === right[at])
}

const CAME_LATE = 'what was missing came late'

interface OpenHole {
  readonly from: bigint
  readonly cause: HoleCause
  readonly missing: readonly Link[]
}

interface LateHole extends OpenHole {
  readonly until: bigint
}
