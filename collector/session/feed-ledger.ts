import type { BrokenOff, Hole, HoleCause } from '@backtide/core/hole'
import type { Clock } from '../clock.ts'
import { createTracker, type FrameFacts, type StreamTracker } from '../holes/tracker.ts'
import type { Stream, Venue } from '../venue.ts'
import { createWatch, type Overdue } from './watch.ts'

/** What is known of each stream of a session, over all its connections. */
export interface FeedLedger {
  data(connection: string, stream: string, time: bigint, facts: FrameFacts): void
  /** The venue says that a connection brings these, which may have nothing to bring yet. */
  acked(connection: string, streams: readonly string[]): void
  /** A connection is gone, and with it all that it brought. */
  lost(connection: string): void
  /** Streams may have missed something, all of them or one; see `StreamTracker.missed`. */
  missed(cause: HoleCause, stream?: string, from?: bigint): void
  snapshot(stream: string, time: bigint, lastId: bigint): void
  needsSnapshot(stream: string): boolean
  overdue(): readonly Overdue[]
  quiet(stream: string): void
  stream(name: string): Stream | undefined
  /** Whether a connection has brought all that came from any in the last while. */
  hasCaughtUp(connection: string): boolean
  openHoles(): readonly Hole[]
  /** Streams that should have brought something by their rhythm, and no open connection did. */
  waiting(): readonly string[]
  /** Books that no snapshot fits yet. */
  unknownBooks(): number
}

export interface LedgerOptions {
  readonly venue: Venue
  readonly streams: readonly Stream[]
  readonly clock: Clock
  readonly brokeOff?: BrokenOff | undefined
  readonly onHole: (hole: Hole) => void
}

interface Entry {
  readonly stream: Stream
  readonly tracker: StreamTracker
  /** Connections that brought it. */
  readonly carriers: Set<string>
}

export function createFeedLedger({
  venue,
  streams,
  clock,
  brokeOff,
  onHole,
}: LedgerOptions): FeedLedger {
  const { exchange, market } = venue
  const since = clock.now()
  const watch = createWatch(streams, clock.steady())
  const entries = new Map<string, Entry>(
    streams.map((stream) => {
      const { name, symbol, channels, proof } = stream
      const tracked = { exchange, market, symbol, channels, stream: name, proof, since }
      const tracker = createTracker({ ...tracked, ...(brokeOff && { brokeOff }) })
      return [stream.name, { stream, tracker, carriers: new Set<string>() }]
    }),
  )
  const tell = (holes: readonly Hole[] | undefined) => holes?.forEach(onHole)

  return {
    data(connection, name, time, facts) {
      const entry = entries.get(name)
      if (!entry) return
      entry.carriers.add(connection)
      watch.data(name, clock.steady())
      tell(entry.tracker.data(connection, time, facts))
    },
    acked(connection, names) {
      for (const name of names) {
        const entry = entries.get(name)
        // Of a stream that is steady only data is proof.
        if (entry && !entry.stream.rhythm.steady) entry.tracker.carries(connection)
      }
    },
    lost(connection) {
      for (const { tracker, carriers } of entries.values()) {
        carriers.delete(connection)
        tell(tracker.lost(connection, 'connection_lost'))
      }
    },
    missed(cause, name, from) {
      for (const [own, { tracker }] of entries) {
        if (name === undefined || own === name) tell(tracker.missed(cause, from))
      }
    },
    snapshot: (name, time, lastId) => tell(entries.get(name)?.tracker.snapshot(time, lastId)),
    needsSnapshot: (name) => entries.get(name)?.tracker.needsSnapshot() ?? false,
    overdue: () => watch.overdue(clock.steady()),
    quiet: (name) => watch.quiet(name, clock.steady()),
    stream: (name) => entries.get(name)?.stream,
    hasCaughtUp: (connection) =>
      [...entries.values()].every(
        ({ carriers }) => carriers.size === 0 || carriers.has(connection),
      ),
    waiting: () => [...entries.values()].filter(isWaiting).map(({ stream }) => stream.name),
    unknownBooks: () => [...entries.values()].filter(({ tracker }) => !tracker.isKnown()).length,
    openHoles: () => [...entries.values()].flatMap(({ tracker }) => tracker.open() ?? []),
  }
}

function isWaiting({ stream, carriers }: Entry): boolean {
  return carriers.size === 0 && stream.rhythm.firstDataMs !== undefined
}
