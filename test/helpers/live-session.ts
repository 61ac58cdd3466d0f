import { createCapture } from '@backtide/collector/capture/capture'
import { createClock } from '@backtide/collector/clock'
import { createAddressPacers } from '@backtide/collector/session/pacer'
import { planConnection } from '@backtide/collector/plan'
import { fetchRest } from '@backtide/collector/session/snapshots'
import { startSession, type SessionOptions } from '@backtide/collector/session/session'
import type { Venue } from '@backtide/collector/venue'
import type { Channel } from '@backtide/core/channel'
import type { Hole } from '@backtide/core/hole'
import { readCaptures, temporaryFolder, type CapturedLine } from './captures.ts'

/** A session of one connection against a venue, with what it found and what it kept. */
export function collect(
  venue: Venue,
  wanted: readonly { readonly symbol: string; readonly channels: readonly Channel[] }[],
  options: Partial<SessionOptions> = {},
) {
  const root = temporaryFolder()
  const clock = createClock()
  const holes = new Map<string, Hole>()
  const alarms: string[] = []
  const { connects, messages } = venue.limits
  const planned = planConnection(venue, 'stream-0', wanted)
  const session = startSession({
    venue,
    planned,
    clock,
    pacers: createAddressPacers(
      { connects, messages, snapshots: venue.snapshot?.rate },
      clock.steady,
    ),
    fetchRest,
    createCapture: (connection, tell) =>
      createCapture({
        place: { root, exchange: venue.exchange, market: venue.market, connection, server: 'test' },
        flushMs: 20,
        ...tell,
      }),
    onHole: (hole) => holes.set(hole.id, hole),
    onAlarm: (message) => alarms.push(message),
    ...options,
    timing: { watchMs: 10, backoff: { firstMs: 20, mostMs: 200 }, ...options.timing },
  })
  return {
    session,
    alarms,
    /** Holes that count, of one stream or all. */
    holes: (stream?: string) =>
      [...holes.values()].filter(
        (hole) => hole.state === 'open' && (stream === undefined || hole.stream === stream),
      ),
    refuted: () => [...holes.values()].filter((hole) => hole.state === 'refuted'),
    /** Ends the session; the lines of all its captures. */
    async finish(): Promise<readonly CapturedLine[]> {
      await session.stop()
      return readCaptures(root)
    },
  }
}
