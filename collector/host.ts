import { assignmentId, type Assignment } from '@backtide/core/live'
import { holeId, type BrokenOff, type Hole } from '@backtide/core/hole'
import { join } from 'node:path'
import { openAssigned, type Assigned, type AssignedFiles } from './assigned.ts'
import { createCapture } from './capture/capture.ts'
import { lastLineIn, mendCaptures } from './capture/mend.ts'
import { createClock, type Clock } from './clock.ts'
import { planConnection } from './plan.ts'
import { createAddressPacers, type AddressPacers } from './session/pacer.ts'
import { startSession, type Session, type SessionStatus } from './session/session.ts'
import { fetchRest } from './session/snapshots.ts'
import type { ConfirmQuiet } from './session/silence.ts'
import type { SessionTiming } from './session/timing.ts'
import type { Venue } from './venue.ts'

export interface HostOptions {
  /** Folder of all that this host keeps; no other process may write there. */
  readonly root: string
  /** Names this host in paths and holes. */
  readonly server: string
  /** A market that can be collected; undefined for one that is not known here. */
  readonly venueOf: (exchange: string, market: string) => Venue | undefined
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

/** What this process collects. It belongs to the process: whoever asks for it may come and go. */
export interface Host {
  /**
   * Collects what is assigned, from now on also after a restart; what it collects already goes on, and
   * `brokeOff` does not count.
   * @throws Error for a market that is not known here, and feeds the venue cannot have
   */
  take(assignment: Assignment, brokeOff?: BrokenOff): Promise<Collecting>
  /** Ends it, and forgets it; resolves to the receive time of the last line. */
  drop(id: string): Promise<bigint | undefined>
  all(): readonly Collecting[]
  /** Ends everything; it begins again at the next start. */
  stop(): Promise<void>
}

/** An assignment that is collected. */
export interface Collecting {
  readonly id: string
  readonly assignment: Assignment
  /** Since when this process does, UTC nanoseconds. */
  readonly since: bigint
  /** Where it began after others. */
  readonly brokeOff: BrokenOff | undefined
  status(): SessionStatus
  /** The holes that a host has which begins where collection broke off: one a stream. */
  holesFrom(brokeOff: BrokenOff): readonly Hole[]
}

/** Folder of captures, and of what is assigned, beneath a host's. */
export const CAPTURES = 'captures'
const ASSIGNED = 'assigned'

/**
 * Mends what a process before this one left behind, and goes on with what it was assigned. What that
 * process may have lost is a hole from its last durable line.
 */
export async function openHost(options: HostOptions): Promise<Host> {
  const { root, onAlarm } = options
  const captures = join(root, CAPTURES)
  const files = openAssigned(join(root, ASSIGNED), onAlarm)
  const mended = await mendCaptures(captures)
  const host = new ProcessHost(options, files)
  for (const assigned of files.all()) {
    const { exchange, market } = assigned.assignment
    const folder = join(captures, exchange, market, nameOf(assigned.assignment))
    host.goOn(assigned, lastLineIn(mended, [`${folder}a`, `${folder}b`]))
  }
  return host
}

interface Running extends Collecting {
  readonly session: Session
}

class ProcessHost implements Host {
  readonly #options: HostOptions
  readonly #files: AssignedFiles
  readonly #clock: Clock = createClock()
  readonly #pacers = new Map<string, AddressPacers>()
  readonly #running = new Map<string, Running>()
  readonly #dropping = new Map<string, Promise<unknown>>()

  constructor(options: HostOptions, files: AssignedFiles) {
    this.#options = options
    this.#files = files
  }

  goOn({ assignment, brokeOff }: Assigned, at: bigint | undefined): void {
    try {
      this.#start(assignment, at === undefined ? brokeOff : { at, cause: 'process_dead' })
    } catch (error) {
      this.#options.onAlarm(`${assignmentId(assignment)} is not collected`, error)
    }
  }

  async take(assignment: Assignment, brokeOff?: BrokenOff): Promise<Collecting> {
    const id = assignmentId(assignment)
    await this.#dropping.get(id)
    const known = this.#running.get(id)
    const status = known?.session.status()
    if (known && status?.state !== 'failed') return known
    const failedAt = status?.durable
    return this.#start(
      assignment,
      failedAt === undefined ? brokeOff : { at: failedAt, cause: 'not_recorded' },
    )
  }

  async drop(id: string): Promise<bigint | undefined> {
    const running = this.#running.get(id)
    const dropping = (this.#dropping.get(id) ?? running?.session.stop() ?? Promise.resolve())
      .then(() => {
        this.#files.remove(id)
        this.#running.delete(id)
      })
      .finally(() => this.#dropping.delete(id))
    this.#dropping.set(id, dropping)
    await dropping
    return running?.status().durable
  }

  all(): readonly Collecting[] {
    return [...this.#running.values()]
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => this.#leave(running)))
  }

  async #leave({ session, assignment }: Running): Promise<void> {
    await session.stop()
    const { durable } = session.status()
    if (durable === undefined) return
    this.#files.put({ assignment, brokeOff: { at: durable, cause: 'not_collected' } })
  }

  #start(assignment: Assignment, brokeOff: BrokenOff | undefined): Collecting {
    const { exchange, market, wanted } = assignment
    const { root, server, venueOf, ...options } = this.#options
    const venue = venueOf(exchange, market)
    if (!venue) throw new Error(`Nobody here knows how to collect ${exchange} ${market}.`)
    const planned = planConnection(venue, nameOf(assignment), wanted)
    const clock = this.#clock
    this.#files.put({
      assignment,
      brokeOff: brokeOff ?? { at: clock.now(), cause: 'process_dead' },
    })
    const session = startSession({
      ...options,
      venue,
      planned,
      clock,
      pacers: this.#pacersOf(venue),
      fetchRest,
      ...(brokeOff && { brokeOff }),
      createCapture: (connection, tell) => {
        const place = { root: join(root, CAPTURES), exchange, market, connection, server }
        const capture = createCapture({
          ...options,
          ...tell,
          place,
          onFinished: (path) => {
            this.#note(assignment, capture.durable())
            options.onFinished?.(path)
          },
        })
        return capture
      },
    })
    const running = {
      id: assignmentId(assignment),
      assignment,
      since: clock.now(),
      brokeOff,
      session,
      status: () => session.status(),
      holesFrom: ({ at, cause }: BrokenOff) =>
        planned.streams.map(({ name: stream, symbol, channels }): Hole => {
          const id = holeId({ exchange, market, stream }, at)
          return { id, exchange, market, symbol, channels, stream, from: at, cause, state: 'open' }
        }),
    }
    this.#running.set(running.id, running)
    return running
  }

  /** A file is finished: until there is another, only this would tell when collection broke off. */
  #note(assignment: Assignment, at: bigint | undefined): void {
    if (at === undefined) return
    try {
      this.#files.put({ assignment, brokeOff: { at, cause: 'process_dead' } })
    } catch (error) {
      this.#options.onAlarm(`${assignmentId(assignment)}: its file cannot be written`, error)
    }
  }

  #pacersOf({ exchange, market, limits, snapshot }: Venue): AddressPacers {
    const key = `${exchange}/${market}`
    const known = this.#pacers.get(key)
    if (known) return known
    const pacers = createAddressPacers({ ...limits, snapshots: snapshot?.rate }, this.#clock.steady)
    this.#pacers.set(key, pacers)
    return pacers
  }
}

/** Replicas on one host have captures of their own. */
function nameOf({ connection, replica }: Assignment): string {
  return `${connection}-${replica}`
}
