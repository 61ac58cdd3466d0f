import type { Channel } from '@backtide/core/channel'
import type { Hole } from '@backtide/core/hole'
import { relative, sep } from 'node:path'
import { createCapture } from './capture/capture.ts'
import { mendCaptures, type Mended } from './capture/mend.ts'
import { createClock } from './clock.ts'
import { createAddressPacers } from './session/pacer.ts'
import { planConnections, type PlannedConnection } from './session/plan-connections.ts'
import { startSession, type Session } from './session/session.ts'
import { fetchRest } from './session/snapshots.ts'
import type { ConfirmQuiet } from './session/silence.ts'
import type { SessionTiming } from './session/timing.ts'
import type { Venue } from './venue.ts'

export interface CollectOptions {
  /** Folder of all captures of this server; no other process may write there. */
  readonly root: string
  /** Names this host in paths and holes. */
  readonly server: string
  readonly markets: readonly Market[]
  readonly flushMs?: number
  readonly timing?: Partial<SessionTiming>
  readonly confirmQuiet?: ConfirmQuiet
  readonly onHole: (hole: Hole) => void
  readonly onAlarm: (message: string, error?: unknown) => void
  /** A file may be uploaded. */
  readonly onFinished?: (path: string) => void
  /** See `CaptureOptions`. */
  readonly makeRoom?: () => Promise<boolean>
}

/** What is to be collected of one market of a venue. */
export interface Market {
  readonly venue: Venue
  readonly wanted: readonly { readonly symbol: string; readonly channels: readonly Channel[] }[]
}

/**
 * Mends what a process before this one left behind, then collects: a session for each connection. What
 * that process may have lost is a hole from its last durable line.
 * @throws Error for symbols and amounts that a venue cannot have
 */
export async function startCollecting(options: CollectOptions): Promise<readonly Session[]> {
  const plans = options.markets.map(({ venue, wanted }) => ({
    venue,
    planned: planConnections(venue, wanted),
  }))
  const mended = await mendCaptures(options.root)
  return plans.flatMap((plan) => startSessions(plan, mended, options))
}

function startSessions(
  { venue, planned }: { readonly venue: Venue; readonly planned: readonly PlannedConnection[] },
  mended: readonly Mended[],
  { root, server, ...options }: CollectOptions,
): readonly Session[] {
  const { exchange, market, limits, snapshot } = venue
  const clock = createClock()
  const pacers = createAddressPacers({ ...limits, snapshots: snapshot?.rate }, clock.steady)
  return planned.map((one) => {
    const died = diedAt(mended, root, [exchange, market, one.name])
    return startSession({
      ...options,
      venue,
      planned: one,
      clock,
      pacers,
      fetchRest,
      ...(died !== undefined && { died }),
      createCapture: (connection, tell) =>
        createCapture({
          ...options,
          ...tell,
          place: { root, exchange, market, connection, server },
        }),
    })
  })
}

/**
 * When a connection was last heard of on disk, if its process died: of two that overlapped the earlier,
 * for the later one may not have brought everything yet.
 */
function diedAt(
  mended: readonly Mended[],
  root: string,
  parts: readonly string[],
): bigint | undefined {
  const name = parts.join(sep)
  const times = mended
    .filter(({ path }) => [`${name}a`, `${name}b`].some((one) => inFolder(root, path, one)))
    .flatMap(({ durable }) => durable ?? [])
  return times.length === 0
    ? undefined
    : times.reduce((left, right) => (left < right ? left : right))
}

function inFolder(root: string, path: string, folder: string): boolean {
  return relative(root, path).startsWith(folder + sep)
}
