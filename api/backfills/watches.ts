import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  encodeEvent,
  HEARTBEAT_MS,
  openEventStream,
  type EventStream,
} from '../http/event-stream.ts'
import { factsOf, problemBody, ProblemError } from '../http/problem.ts'
import type { BackfillView } from './schemas.ts'

/** Backfills that are watched, each looked at once for all who watch it. */
export interface Watches {
  /**
   * Events of a backfill: what `look` gives, whenever it changed; `seen` is the id of the last event its
   * reader has. Undefined when nothing will come: it has ended, and its end was seen.
   * @throws ProblemError 429 with too many readers, and whatever `look` throws the first time
   */
  open(id: string, seen?: string): Promise<ReadableStream<Uint8Array> | undefined>
}

/** In milliseconds. */
export interface WatchTiming {
  /** Least time between two looks. */
  readonly every: number
  /** What only the clock changes (rate, time left) is told this often. */
  readonly refresh: number
  readonly heartbeat: number
}

const TIMING: WatchTiming = { every: 500, refresh: 10_000, heartbeat: HEARTBEAT_MS }

/** Readers of one process; 1,000 of them take about 50 MB (test/unit/api/events.test.ts). */
const MOST_READERS = 2_000

export interface WatchOptions {
  /** Status of a backfill. */
  readonly look: (id: string) => Promise<BackfillView>
  /** Ends all streams, and lets none begin. */
  readonly stopping?: AbortSignal | undefined
  readonly timing?: WatchTiming
}

/** Nothing is asked before the first reader comes, nor after the last has gone. */
export function createWatches({ look, stopping, timing = TIMING }: WatchOptions): Watches {
  const watches = new Map<string, Watch>()
  let readers = 0
  const forget = (id: string, watch: Watch): void => {
    if (watch.readers.size === 0 && watches.get(id) === watch) watches.delete(id)
  }
  const enter = (id: string): Watch => {
    const known = watches.get(id)
    if (known) return known
    const watch: Watch = { readers: new Set(), last: look(id).then(eventOf) }
    watches.set(id, watch)
    watch.last.catch(() => forget(id, watch))
    return watch
  }
  const join = (id: string, watch: Watch): EventStream => {
    readers += 1
    const reader = openEventStream(() => {
      readers -= 1
      watch.readers.delete(reader)
      forget(id, watch)
    }, timing.heartbeat)
    watch.readers.add(reader)
    watch.following ??= follow(id, watch, { look, timing }).finally(() => delete watch.following)
    return reader
  }
  stopping?.addEventListener('abort', () => {
    for (const watch of watches.values()) for (const reader of watch.readers) reader.end()
  })
  return {
    open: async (id, seen) => {
      if (readers >= MOST_READERS) throw tooMany()
      const watch = enter(id)
      const last = await watch.last
      if (last.isLast && last.id === seen) {
        forget(id, watch)
        return undefined
      }
      const reader = join(id, watch)
      if (last.id !== seen) tell(reader, last)
      if (watch.trouble) reader.send(watch.trouble)
      if (stopping?.aborted) reader.end()
      return reader.body
    },
  }
}

/** Looks as long as anybody reads, and tells what is new. */
async function follow(
  id: string,
  watch: Watch,
  { look, timing }: Required<Pick<WatchOptions, 'look' | 'timing'>>,
): Promise<void> {
  let told = await watch.last
  let took = 0
  for (;;) {
    // A status that takes long to find out is not asked for all the time.
    await delay(Math.max(timing.every - took, took), undefined, { ref: false })
    if (watch.readers.size === 0 || told.isLast) return
    const began = performance.now()
    try {
      const now = eventOf(await look(id))
      const isDue = began - told.at >= timing.refresh && !now.isPaused
      if (now.id !== told.id || watch.trouble || isDue) {
        told = now
        watch.last = Promise.resolve(now)
        for (const reader of watch.readers) tell(reader, now)
      }
      delete watch.trouble
    } catch (error) {
      watch.trouble ??= trouble(id, error, watch.readers)
    }
    took = performance.now() - began
  }
}

interface Watch {
  readonly readers: Set<EventStream>
  last: Promise<Told>
  following?: Promise<void>
  /** Why the status cannot be had now. */
  trouble?: Uint8Array
}

interface Told {
  readonly id: string
  readonly bytes: Uint8Array
  /** `performance.now()` when it was found out. */
  readonly at: number
  readonly isPaused: boolean
  /** Nothing comes after it. */
  readonly isLast: boolean
}

/** The id is what of the status does not follow from the clock, so equal ids have nothing new. */
function eventOf(view: BackfillView): Told {
  const { seconds: _, rate: __, etaSeconds: ___, ...facts } = view
  const id = createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22)
  return {
    id,
    bytes: encodeEvent({ id, data: view }),
    at: performance.now(),
    isPaused: view.state === 'paused',
    isLast: view.endedAt !== null,
  }
}

function tell(reader: EventStream, { bytes, isLast }: Told): void {
  reader.send(bytes)
  if (isLast) reader.end()
}

/** Tells why the status cannot be had; without an id, as what was seen last is still the status. */
function trouble(id: string, error: unknown, readers: ReadonlySet<EventStream>): Uint8Array {
  const data = problemBody(factsOf(error), `/backfills/${id}/events`)
  const bytes = encodeEvent({ name: 'problem', data })
  for (const reader of readers) {
    reader.send(bytes)
    // Something is away and comes back; a backfill that is gone does not.
    if (error instanceof ProblemError) reader.end()
  }
  return bytes
}

function tooMany(): ProblemError {
  return new ProblemError({
    code: 'too_many_requests',
    detail: `${MOST_READERS} readers are as many as one API serves; ask for the status instead.`,
    headers: { 'Retry-After': '30' },
  })
}
