import { setTimeout as sleep } from 'node:timers/promises'
import { retryAfterMs } from '@backtide/core/retry-after'
import { parseFrame } from '../frame.ts'
import type { Clock } from '../clock.ts'
import type { SnapshotSource, Stream, Venue } from '../venue.ts'
import { backoffMs, type Backoff } from './backoff.ts'
import type { FeedLedger } from './feed-ledger.ts'
import type { AddressPacers, Pacer } from './pacer.ts'
import type { Relay } from './relay.ts'
import type { SessionTiming } from './timing.ts'

/** Asks for the whole books that a ledger needs, and keeps every answer. */
export function bookRequests({
  venue,
  pacers,
  clock,
  ledger,
  relay,
  timing,
  fetchRest,
  signal,
}: BookRequests): (stream: Stream) => void {
  if (!venue.snapshot || !pacers.snapshots) return () => undefined
  return createSnapshots({
    source: venue.snapshot,
    pacer: pacers.snapshots,
    fetchRest,
    backoff: timing.backoff,
    signal,
    onAnswer: ({ name }, url, answer) =>
      relay.note({ event: 'snapshot', stream: name, url, ...answer }),
    onSnapshot: ({ name }, lastId) => ledger.snapshot(name, clock.now(), lastId),
    isNeeded: ({ name }) => ledger.needsSnapshot(name),
  }).request
}

interface BookRequests {
  readonly venue: Venue
  readonly pacers: AddressPacers
  readonly clock: Clock
  readonly ledger: FeedLedger
  readonly relay: Relay
  readonly timing: SessionTiming
  readonly fetchRest: FetchRest
  readonly signal: AbortSignal
}

/** Fetches whole books for streams that need one, one at a time and inside the venue's limits. */
interface Snapshots {
  request(stream: Stream): void
}

/** An answer of REST; `retryAfterMs` where the venue wants to be left alone for so long. */
export interface RestAnswer {
  readonly status: number
  readonly body: string
  readonly retryAfterMs?: number | undefined
}

export type FetchRest = (url: string, signal: AbortSignal) => Promise<RestAnswer>

interface SnapshotOptions {
  readonly source: SnapshotSource
  readonly pacer: Pacer
  readonly fetchRest: FetchRest
  readonly backoff: Backoff
  readonly signal: AbortSignal
  /** Told of each answer before it is looked at, whatever it is. */
  readonly onAnswer: (stream: Stream, url: string, answer: RestAnswer) => void
  readonly onSnapshot: (stream: Stream, lastId: bigint) => void
  readonly isNeeded: (stream: Stream) => boolean
}

function createSnapshots(options: SnapshotOptions): Snapshots {
  const { source, pacer, fetchRest, signal } = options
  const waiting = new Set<string>()

  async function settle(stream: Stream): Promise<void> {
    for (let failures = 0; options.isNeeded(stream);) {
      await pacer.take(signal)
      const answer = await ask(stream)
      const lastId = answer && readLastId(answer)
      if (lastId !== undefined) {
        failures = 0
        options.onSnapshot(stream, lastId)
      } else {
        failures++
        const wait = { leastMs: answer?.retryAfterMs ?? 0 }
        await sleep(backoffMs(options.backoff, failures, wait), undefined, { signal })
      }
    }
  }

  async function ask(stream: Stream): Promise<RestAnswer | undefined> {
    const url = source.url(stream.symbol)
    try {
      const answer = await fetchRest(url, signal)
      options.onAnswer(stream, url, answer)
      return answer
    } catch {
      signal.throwIfAborted()
      return undefined
    }
  }

  function readLastId({ status, body }: RestAnswer): bigint | undefined {
    const json = status === 200 ? parseFrame(body) : undefined
    return json === undefined ? undefined : source.read(json)
  }

  return {
    request(stream) {
      if (waiting.has(stream.name)) return
      waiting.add(stream.name)
      settle(stream)
        // Only the end of the session ends it otherwise.
        .catch(() => undefined)
        .finally(() => waiting.delete(stream.name))
    },
  }
}

const DEADLINE_MS = 15_000

/** Asks a venue's REST. @throws when no whole answer came within 15 s */
export const fetchRest: FetchRest = async (url, signal) => {
  const response = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
  })
  return {
    status: response.status,
    body: await response.text(),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
  }
}
