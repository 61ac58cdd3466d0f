// Loaded into a worker process before its own code (NODE_OPTIONS), which knows nothing of it: keeps
// the event-loop delay of the main thread, and tells and forgets it when it is asked over IPC.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const RESOLUTION_MS = 10

if (isMainThread) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  process.on('message', (message) => {
    if (message !== 'loop-delay') return
    process.send({ p99Ms: late(delays.percentile(99)), maxMs: late(delays.max) })
    delays.reset()
  })
  // Listening must not keep a process alive that has come to its end.
  process.channel?.unref()
}

/** What is recorded is the time between two ticks of a timer, its interval included. */
function late(nanoseconds) {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
}
