import { setTimeout as sleep } from 'node:timers/promises'
import type { Capture } from '../capture/capture.ts'
import type { Clock } from '../clock.ts'
import type { Reading, Venue } from '../venue.ts'
import { backoffMs } from './backoff.ts'
import type { ConnectionEnd } from './connection.ts'
import { openLeg, type Leg } from './leg.ts'
import type { AddressPacers } from './pacer.ts'
import type { PlannedConnection } from '../plan.ts'
import type { SessionTiming } from './timing.ts'

/** One connection after the other into one capture, until it is retired. */
export interface Line {
  readonly capture: Capture
  /** The connection that is open now; undefined between two. */
  leg(): Leg | undefined
  /** When that one brought its first data, by the steady clock. */
  dataAt(): number | undefined
  /** No other connection after this one. */
  retire(): void
  /** After the last connection, its capture finished. */
  readonly done: Promise<void>
}

export interface LineOptions {
  readonly venue: Venue
  readonly planned: PlannedConnection
  readonly clock: Clock
  readonly pacers: AddressPacers
  readonly timing: SessionTiming
  readonly capture: Capture
  /** Names a new connection. */
  readonly nextId: () => string
  readonly handlers: LineHandlers
}

export interface LineHandlers {
  reading(connection: string, time: bigint, reading: Reading): void
  acked(connection: string, streams: readonly string[]): void
  message(bytes: number, readable: boolean): void
  unreadable(connection: string): void
  ended(connection: string): void
  /** No connection follows, for a reason that nobody expected. */
  broken(error: unknown): void
  /** The venue will end the connection soon. */
  ageing(): void
}

export function startLine(options: LineOptions): Line {
  const { venue, planned, pacers, timing, capture, clock, handlers } = options
  const retired = new AbortController()
  const { signal } = retired
  let leg: Leg | undefined
  let dataAt: number | undefined

  async function keep(): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      await pacers.connects.take(signal)
      const { retryAfterMs: leastMs = 0 } = await run(options.nextId())
      failures = dataAt === undefined ? failures + 1 : 1
      dataAt = undefined
      await sleep(backoffMs(timing.backoff, failures, { leastMs }), undefined, { signal })
    }
  }

  async function run(id: string): Promise<ConnectionEnd> {
    const lifeMs = (venue.lifeMs ?? Infinity) - timing.leadMs
    const life = lifeMs < MOST_TIMER ? setTimeout(() => handlers.ageing(), lifeMs) : undefined
    const end = await new Promise<ConnectionEnd>((onEnd) => {
      leg = openLeg({
        id,
        venue,
        ...planned,
        capture,
        clock,
        messages: pacers.messages(),
        onReading: (time, reading) => take(id, time, reading),
        onAcked: (streams) => handlers.acked(id, streams),
        onMessage: (bytes, readable) => handlers.message(bytes, readable),
        onUnreadable: () => handlers.unreadable(id),
        onEnd,
      })
    })
    clearTimeout(life)
    leg = undefined
    handlers.ended(id)
    return end
  }

  function take(id: string, time: bigint, reading: Reading): void {
    if (reading.kind === 'data') dataAt ??= clock.steady()
    handlers.reading(id, time, reading)
  }

  const done = keep()
    .catch((error: unknown) => {
      if (!signal.aborted) handlers.broken(error)
    })
    .then(() => capture.close())

  return {
    capture,
    leg: () => leg,
    dataAt: () => dataAt,
    retire() {
      retired.abort()
      leg?.close()
    },
    done,
  }
}

/** Longer timers fire at once. */
const MOST_TIMER = 2 ** 31
