import type { CaptureEvent } from '../capture/line.ts'
import type { Clock } from '../clock.ts'
import type { Line } from './line.ts'
import type { SessionTiming } from './timing.ts'

/** One line, and for a while two: a successor overlaps, so that nothing lies between. */
export interface Relay {
  /** Begins a successor; not too often, unless it must be `now`. */
  renew(now: boolean): void
  /** Ends the elder of two lines once the younger brings what it does. */
  succeed(): void
  /** Says something in the captures of all lines. */
  note(event: CaptureEvent): void
  /** Receive time of the last line that is on disk; of two lines the elder's, which brings everything. */
  durable(): bigint | undefined
  stop(): Promise<void>
}

export interface RelayOptions {
  readonly clock: Clock
  readonly timing: SessionTiming
  /** The lines take turns at two names, for a capture is of one connection at a time. */
  readonly startLine: (letter: 'a' | 'b') => Line
  readonly hasCaughtUp: (connection: string) => boolean
}

export function startRelay({ clock, timing, startLine, ...options }: RelayOptions): Relay {
  const lines = new Map<'a' | 'b', Line>()
  const running = new Set<Promise<void>>()
  let renewedAt = -Infinity
  let durable: bigint | undefined
  let stopped = false
  /** A successor must follow as soon as the one before has taken over. */
  let isDue = false

  function begin(letter: 'a' | 'b'): void {
    const line = startLine(letter)
    lines.set(letter, line)
    const ended = line.done.finally(() => running.delete(ended))
    running.add(ended)
  }

  function note(event: CaptureEvent): void {
    for (const { capture } of lines.values()) capture.event(clock.now(), event)
  }

  function renew(now: boolean): void {
    // Two files of one name would be open if the line before were still being finished.
    const isFree = running.size === 1
    const tooSoon = !now && clock.steady() - renewedAt < timing.renewMs
    if (now) isDue = !isFree
    if (stopped || !isFree || tooSoon) return
    renewedAt = clock.steady()
    note({ event: 'renew' })
    begin(lines.has('a') ? 'b' : 'a')
  }

  begin('a')

  return {
    renew,
    succeed() {
      if (isDue) renew(true)
      const [elder, younger] = lines
      const leg = younger?.[1].leg()
      const dataAt = younger?.[1].dataAt()
      if (!elder || !leg || dataAt === undefined) return
      if (clock.steady() - dataAt < timing.overlapMs && !options.hasCaughtUp(leg.id)) return
      lines.delete(elder[0])
      elder[1].retire()
    },
    note,
    durable() {
      const [elder] = lines.values()
      // The first lines of a successor may not be on disk when it takes over.
      return (durable = elder?.capture.durable() ?? durable)
    },
    async stop() {
      stopped = true
      const last = [...lines.values()]
      for (const line of lines.values()) line.retire()
      lines.clear()
      await Promise.all(running)
      durable = last[0]?.capture.durable() ?? durable
    },
  }
}
