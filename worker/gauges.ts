import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FlowControl } from '@backtide/activities/flow/flow-control'
import type { MetricMeter } from '@temporalio/common'

const EVERY_MS = 5_000

/**
 * Puts the state of a worker process on its metrics endpoint: the delay of its event loop (a stall
 * there holds up heartbeats and cancellations), its memory, and what flow control allows.
 */
export function startGauges(meter: MetricMeter, flow: FlowControl): { stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const gauges = {
    loopDelay: meter.createGauge('backtide_event_loop_delay_p99_seconds', 'float', 's'),
    memory: meter.createGauge('backtide_resident_memory_bytes', 'int', 'By'),
    limit: meter.createGauge('backtide_loads_limit', 'int'),
    maximum: meter.createGauge('backtide_loads_maximum', 'int'),
    running: meter.createGauge('backtide_loads_running', 'int'),
    waiting: meter.createGauge('backtide_loads_waiting', 'int'),
    backOffs: meter.createGauge('backtide_back_offs', 'int'),
  }
  const report = () => {
    const { limit, maximum, running, waiting, backOffs } = flow.state
    gauges.loopDelay.set(delay.percentile(99) / 1e9)
    gauges.memory.set(process.memoryUsage.rss())
    gauges.limit.set(limit)
    gauges.maximum.set(maximum)
    gauges.running.set(running)
    gauges.waiting.set(waiting)
    for (const [cause, count] of Object.entries(backOffs)) gauges.backOffs.set(count, { cause })
    delay.reset()
  }
  report()
  const timer = setInterval(report, EVERY_MS)
  timer.unref()
  return {
    stop: () => {
      clearInterval(timer)
      delay.disable()
    },
  }
}
