import type { Capture } from '../capture/capture.ts'
import { readMessage, type CaptureEvent, type Message } from '../capture/line.ts'
import type { Clock } from '../clock.ts'
import type { Reading, Stream, Venue } from '../venue.ts'
import { createBreaker } from './breaker.ts'
import { connect, type ConnectionEnd } from './connection.ts'
import type { Pacer } from './pacer.ts'

/** One connection from its connect to its close, with all that it brought in a capture. */
export interface Leg {
  /** Names this one connection, in a session's life. */
  readonly id: string
  /** Ends it; `onEnd` is told as ever. */
  close(): void
}

export interface LegOptions {
  readonly id: string
  readonly venue: Venue
  readonly url: string
  readonly streams: readonly Stream[]
  readonly capture: Capture
  readonly messages: Pacer
  readonly clock: Clock
  readonly onReading: (time: bigint, reading: Reading) => void
  /** The venue says that it will bring these. */
  readonly onAcked: (streams: readonly string[]) => void
  readonly onMessage: (bytes: number, readable: boolean) => void
  /** So much is unreadable that nothing is known of the streams any more. */
  readonly onUnreadable: () => void
  readonly onEnd: (end: ConnectionEnd) => void
}

export function openLeg(options: LegOptions): Leg {
  const { venue, url, streams, capture, clock } = options
  const breaker = createBreaker()
  const ended = new AbortController()
  /** Streams by the id of the frame that subscribed to them. */
  const asked = new Map<number, readonly string[]>()
  const note = (event: CaptureEvent) =>
    capture.event(clock.now(), { ...event, connection: options.id })

  async function subscribe(): Promise<void> {
    const most = venue.limits.streamsPerFrame
    for (let at = 0, frame = 1; at < streams.length; at += most, frame++) {
      await options.messages.take(ended.signal)
      const some = streams.slice(at, at + most)
      const names = some.map((stream) => stream.name)
      const text = venue.subscribe(some, frame)
      asked.set(frame, names)
      note({ event: 'subscribe', streams: names, text })
      connection.send(text)
    }
  }

  function receive(bytes: Buffer): void {
    const time = clock.now()
    const message = readMessage(bytes)
    capture.message(time, message)
    if (capture.isFull()) wait()
    const reading = readWith(venue, message)
    options.onMessage(bytes.length, reading !== undefined)
    if (breaker.frame(reading !== undefined)) {
      note({ event: 'unreadable' })
      options.onUnreadable()
    }
    if (reading?.kind === 'ack') options.onAcked(ackedBy(reading, asked))
    else if (reading) options.onReading(time, reading)
  }

  function wait(): void {
    connection.pause()
    void capture.drained().then(() => connection.resume())
  }

  note({ event: 'connect', url })
  const connection = connect(url, venue, {
    opened() {
      note({ event: 'connected', url })
      // An end in the middle of it is told by `closed`.
      subscribe().catch(() => undefined)
    },
    message: receive,
    closed(end) {
      ended.abort()
      note({ event: 'closed', ...end })
      options.onEnd(end)
    },
  })
  return { id: options.id, close: connection.close }
}

/** Undefined for what cannot be read: it is kept, and counted. */
function readWith(venue: Venue, { json }: Message): Reading | undefined {
  if (json === undefined) return undefined
  try {
    return venue.read(json)
  } catch {
    return undefined
  }
}

function ackedBy(
  { id, stream }: Extract<Reading, { kind: 'ack' }>,
  asked: ReadonlyMap<number, readonly string[]>,
): readonly string[] {
  if (stream !== undefined) return [stream]
  return (id === undefined ? undefined : asked.get(id)) ?? []
}
