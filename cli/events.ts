import { EventSourceParserStream } from 'eventsource-parser/stream'

/** One server-sent event, its data read as JSON. */
export interface ServerEvent {
  readonly name?: string | undefined
  readonly id?: string | undefined
  readonly data: unknown
}

/**
 * Events of an answer until it ends.
 * @param silenceMs longest that nothing may come, comments included
 * @throws Error when it is silent for longer, breaks off, or is aborted
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  { silenceMs, signal }: { readonly silenceMs: number; readonly signal: AbortSignal },
): AsyncGenerator<ServerEvent> {
  const silent = new AbortController()
  const tooLong = (): void => silent.abort(new Error(`nothing was heard for ${silenceMs / 1000} s`))
  let timer = setTimeout(tooLong, silenceMs)
  const heard = new TransformStream<Uint8Array, Uint8Array>({
    transform: (bytes, controller) => {
      clearTimeout(timer)
      timer = setTimeout(tooLong, silenceMs)
      controller.enqueue(bytes)
    },
  })
  const events = body
    .pipeThrough(heard, { signal: AbortSignal.any([silent.signal, signal]) })
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .pipeThrough(new EventSourceParserStream())
  try {
    for await (const { event, id, data } of events) {
      yield { name: event, id, data: JSON.parse(data) as unknown }
    }
  } finally {
    clearTimeout(timer)
  }
}
