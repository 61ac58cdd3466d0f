import { Context } from '@temporalio/activity'

/**
 * Runs a body while heartbeats are sent on a timer, whatever the body waits for: a heartbeat is also
 * how a cancellation reaches an activity.
 */
export async function withHeartbeats<T>(
  body: (report: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  const context = Context.current()
  let last: unknown
  const beat = () => context.heartbeat(last)
  const timer = setInterval(beat, Math.max(100, (context.info.heartbeatTimeoutMs ?? 30_000) / 3))
  beat()
  try {
    return await body((details) => {
      last = details
      beat()
    })
  } finally {
    clearInterval(timer)
  }
}
