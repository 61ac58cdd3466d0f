import type { BrokenOff, Hole } from '@backtide/core/hole'
import type { Capture, CaptureOptions } from '../capture/capture.ts'
import { timeText } from '@backtide/core/nano-time'
import type { Clock } from '../clock.ts'
import type { Reading, Stream, Venue } from '../venue.ts'
import { createFeedLedger, type FeedLedger } from './feed-ledger.ts'
import { startLine, type Line, type LineHandlers } from './line.ts'
import type { AddressPacers } from './pacer.ts'
import type { PlannedConnection } from '../plan.ts'
import { startRelay, type Relay } from './relay.ts'
import { judgeSilence, type ConfirmQuiet } from './silence.ts'
import { bookRequests, type FetchRest } from './snapshots.ts'
import { SESSION_TIMING, type SessionTiming } from './timing.ts'

/** Keeps one planned connection going, over all the sockets that it takes. */
export interface Session {
  status(): SessionStatus
  /** Closes the connection and finishes the captures. */
  stop(): Promise<void>
}

export interface SessionStatus {
  readonly state: 'connecting' | 'running' | 'stopped' | 'failed'
  readonly messages: number
  readonly bytes: number
  readonly unreadable: number
  readonly connects: number
  /** Receive time of the last line that is on disk, UTC nanoseconds. */
  readonly durable: bigint | undefined
  readonly openHoles: readonly Hole[]
  /** Streams that no open connection brought, though something was to come. */
  readonly waiting: readonly string[]
  /** Books that no snapshot fits yet. */
  readonly unknownBooks: number
}

export interface SessionOptions {
  readonly venue: Venue
  readonly planned: PlannedConnection
  readonly clock: Clock
  readonly pacers: AddressPacers
  readonly fetchRest: FetchRest
  readonly createCapture: (connection: string, tell: Pick<CaptureOptions, 'onFailed'>) => Capture
  readonly confirmQuiet?: ConfirmQuiet
  /** Where collection broke off before. */
  readonly brokeOff?: BrokenOff
  readonly timing?: Partial<SessionTiming>
  readonly onHole: (hole: Hole) => void
  /** For people: what needs one of them. */
  readonly onAlarm: (message: string, error?: unknown) => void
}

export function startSession(options: SessionOptions): Session {
  return new LiveSession(options)
}

class LiveSession implements Session, LineHandlers {
  readonly #options: SessionOptions
  readonly #timing: SessionTiming
  readonly #stopping = new AbortController()
  readonly #since: bigint
  readonly #ledger: FeedLedger
  readonly #relay: Relay
  readonly #requestBook: (stream: Stream) => void
  readonly #ticks: NodeJS.Timeout
  readonly #counts = { messages: 0, bytes: 0, unreadable: 0, connects: 0 }
  #state: SessionStatus['state'] = 'connecting'

  constructor(options: SessionOptions) {
    const { venue, planned, clock, brokeOff } = options
    const { signal } = this.#stopping
    this.#options = options
    const timing = { ...SESSION_TIMING, ...options.timing }
    this.#timing = timing
    this.#since = clock.now()
    const onHole = (hole: Hole) => this.#tell(hole)
    const ledger = createFeedLedger({ venue, streams: planned.streams, clock, brokeOff, onHole })
    this.#ledger = ledger
    const { hasCaughtUp } = ledger
    const relay = startRelay({ clock, timing, hasCaughtUp, startLine: (it) => this.#start(it) })
    this.#relay = relay
    this.#requestBook = bookRequests({ ...options, timing, ledger, relay, signal })
    const judge = judgeSilence({ ledger, relay, confirmQuiet: options.confirmQuiet })
    this.#ticks = setInterval(() => {
      relay.succeed()
      for (const overdue of ledger.overdue()) void judge(overdue, signal)
    }, timing.watchMs)
    // Those from where collection broke off.
    for (const hole of ledger.openHoles()) this.#tell(hole)
  }

  status(): SessionStatus {
    const openHoles = this.#ledger.openHoles()
    const unknownBooks = this.#ledger.unknownBooks()
    const durable = this.#relay.durable()
    const waiting = this.#ledger.waiting()
    return { state: this.#state, ...this.#counts, durable, openHoles, waiting, unknownBooks }
  }

  stop(): Promise<void> {
    return this.#end('stopped')
  }

  reading(connection: string, time: bigint, reading: Reading): void {
    if (reading.kind === 'restart') this.#relay.renew(true)
    if (reading.kind === 'refused') {
      this.#options.onAlarm(`${connection}: refused: ${reading.reason}`)
    }
    if (reading.kind !== 'data') return
    if (this.#state === 'connecting') this.#state = 'running'
    const ledger = this.#ledger
    ledger.data(connection, reading.stream, time, reading)
    const stream = ledger.needsSnapshot(reading.stream) && ledger.stream(reading.stream)
    if (stream) this.#requestBook(stream)
  }

  acked(connection: string, streams: readonly string[]): void {
    this.#ledger.acked(connection, streams)
  }

  message(bytes: number, readable: boolean): void {
    this.#counts.messages++
    this.#counts.bytes += bytes
    if (!readable) this.#counts.unreadable++
  }

  unreadable(connection: string): void {
    this.#options.onAlarm(`${connection}: frames cannot be read; they are kept as they come`)
    this.#ledger.missed('unreadable')
  }

  ended(connection: string): void {
    if (this.#state !== 'stopped') this.#ledger.lost(connection)
  }

  ageing(): void {
    this.#relay.renew(true)
  }

  broken(error: unknown): void {
    this.#options.onAlarm(`${this.#options.planned.name}: collecting has ended`, error)
    void this.#end('failed')
  }

  #start(letter: 'a' | 'b'): Line {
    const { venue, planned, clock, pacers, createCapture } = this.#options
    const name = `${planned.name}${letter}`
    const capture = createCapture(name, { onFailed: (error) => this.#fail(capture, error) })
    const nextId = () => `${name}#${++this.#counts.connects}`
    const timing = this.#timing
    return startLine({ venue, planned, clock, pacers, timing, capture, nextId, handlers: this })
  }

  #tell(hole: Hole): void {
    this.#relay.note({ event: 'hole', ...textsOf(hole) })
    this.#options.onHole(hole)
  }

  #fail(capture: Capture, error: unknown): void {
    if (this.#stopping.signal.aborted) return
    const { planned, onAlarm } = this.#options
    onAlarm(`${planned.name}: frames cannot be kept: see to the disk and start again`, error)
    this.#ledger.missed('not_recorded', undefined, capture.durable() ?? this.#since)
    void this.#end('failed')
  }

  async #end(last: 'stopped' | 'failed'): Promise<void> {
    if (!this.#stopping.signal.aborted) {
      this.#state = last
      clearInterval(this.#ticks)
      this.#stopping.abort()
      // What follows is a hole of its own, if anything does.
      const until = this.#options.clock.now()
      if (last === 'stopped') {
        for (const hole of this.#ledger.openHoles()) this.#tell({ ...hole, until })
      }
      this.#relay.note({ event: last })
    }
    await this.#relay.stop()
  }
}

/** A hole as the capture keeps it: nanoseconds are no numbers of JSON. */
function textsOf({ from, until, ...rest }: Hole) {
  return { ...rest, from: timeText(from), ...(until !== undefined && { until: timeText(until) }) }
}
