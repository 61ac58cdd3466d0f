/** Server-sent events on their way to one reader. */
export interface EventStream {
  readonly body: ReadableStream<Uint8Array>
  /** Sends an event as `encodeEvent` made it; one that the reader has not taken yet is left out. */
  send(event: Uint8Array): void
  /** Closes behind what was sent. */
  end(): void
}

/** Comments on a silent stream keep proxies from closing it, in milliseconds. */
export const HEARTBEAT_MS = 15_000

/** Headers of an answer that is such a stream; some proxies would hold it back. */
export const EVENT_STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'X-Accel-Buffering': 'no',
} as const

/**
 * Opens a stream that remembers no more than one event. A reader that takes nothing between two
 * heartbeats is dropped: hono's `streamSSE` would wait for it for ever, and its events with it.
 * @param onGone told once when nobody reads any more
 */
export function openEventStream(onGone: () => void, heartbeatMs = HEARTBEAT_MS): EventStream {
  let waiting: Uint8Array | undefined
  let ending = false
  let isOpen = true
  let stuck = false
  let controller: ReadableStreamDefaultController<Uint8Array>
  const hasRoom = () => (controller.desiredSize ?? 0) > 0
  const close = (how: () => void): void => {
    if (!isOpen) return
    isOpen = false
    clearInterval(heart)
    how()
    onGone()
  }
  const flush = (): void => {
    if (!isOpen) return
    const event = waiting
    if (event && hasRoom()) {
      // Before the stream hears of it: it may ask for more at once.
      waiting = undefined
      controller.enqueue(event)
    }
    if (ending && !waiting) close(() => controller.close())
  }
  const beat = (): void => {
    if (hasRoom()) controller.enqueue(HEARTBEAT)
    else if (stuck) close(() => controller.error(new Error('the reader is too slow')))
    else stuck = true
  }
  const heart = setInterval(beat, heartbeatMs)
  heart.unref()
  const body = new ReadableStream<Uint8Array>({
    start: (started) => {
      controller = started
    },
    pull: () => {
      stuck = false
      flush()
    },
    cancel: () => close(() => undefined),
  })
  return {
    body,
    send: (event) => {
      waiting = event
      flush()
    },
    end: () => {
      ending = true
      flush()
    },
  }
}

/** An event's bytes, the same for all its readers: `data` becomes one line of JSON. */
export function encodeEvent(event: {
  readonly id?: string
  readonly name?: string
  readonly data: object
}): Uint8Array {
  const { id, name, data } = event
  const lines = [
    ...(name === undefined ? [] : [`event: ${name}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    `data: ${JSON.stringify(data)}`,
  ]
  return new TextEncoder().encode(`${lines.join('\n')}\n\n`)
}

const HEARTBEAT = new TextEncoder().encode(':\n\n')
