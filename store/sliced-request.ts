import { once } from 'node:events'
import type { ClientRequest } from 'node:http'
import { setImmediate } from 'node:timers/promises'

/**
 * Has a request that is written and ended at once, as the official transport does, send its body in
 * slices and end when `after` has resolved. Megabytes handed over in one call would keep the event
 * loop for 40 ms while the system copies them.
 */
export function sendSliced(request: ClientRequest, after: Promise<void> | undefined): void {
  const write = request.write.bind(request)
  const end = request.end.bind(request)
  const closed = once(request, 'close')
  closed.catch(() => {})
  let written = Promise.resolve()
  request.write = (body: Uint8Array) => {
    written = writeSlices(body)
    return false
  }
  request.end = () => {
    Promise.all([written, after]).then(
      () => end(),
      (cause: unknown) => request.destroy(new Error('the rows before were not taken', { cause })),
    )
    return request
  }

  async function writeSlices(body: Uint8Array): Promise<void> {
    for (let start = 0; start < body.length && !request.destroyed; start += SLICE_BYTES) {
      const hasRoom = write(body.subarray(start, start + SLICE_BYTES))
      if (!hasRoom) await Promise.race([once(request, 'drain'), closed])
      await setImmediate()
    }
  }
}

const SLICE_BYTES = 1024 * 1024
