import type { ActivityMetrics } from '@backtide/activities/metrics'
import type { FlowControl } from '@backtide/activities/flow/flow-control'
import { collectDefaultMetrics, Counter, Gauge, type Registry } from 'prom-client'
import type { CheckReadiness } from './readiness.ts'

/** Adds to the metrics of activities what only the process knows; docs/operations.md has the list. */
export function addProcessMetrics(
  { registry }: Pick<ActivityMetrics, 'registry'>,
  flow: FlowControl,
  check: CheckReadiness,
): void {
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  addFlow(registry, flow)
  addReadiness(registry, check)
}

/** Gauges of prom-client that are called totals; `promtool check metrics` refuses them. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

function addFlow(registry: Registry, flow: FlowControl): void {
  const gauge = (name: string, help: string, read: () => number) =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read())
        },
      }),
    )
  gauge(
    'backtide_loads_running',
    'Loads that move bytes now; those that wait for a place are not among them.',
    () => flow.state.running,
  )
  gauge(
    'backtide_loads_waiting',
    'Loads that wait for a place, as the process has backed off.',
    () => flow.state.waiting,
  )
  gauge(
    'backtide_loads_limit',
    'Loads that may move bytes at once, as flow control sees it now.',
    () => flow.state.limit,
  )
  gauge(
    'backtide_loads_maximum',
    'Loads that may ever move bytes at once: BACKTIDE_LOADS.',
    () => flow.state.maximum,
  )
  const backOffs = new Counter({
    name: 'backtide_back_offs_total',
    help: 'Times the process halved its limit: throttled by a source, QuestDB lagging or short of memory.',
    labelNames: ['cause'],
    registers: [],
    collect() {
      this.reset()
      for (const [cause, count] of Object.entries(flow.state.backOffs)) this.inc({ cause }, count)
    },
  })
  registry.registerMetric(backOffs)
}

function addReadiness(registry: Registry, check: CheckReadiness): void {
  const sources = new Gauge({
    name: 'backtide_source_up',
    help: 'Whether a source answers this worker (1) or not (0).',
    labelNames: ['source'],
    registers: [],
    async collect() {
      for (const { name, up } of (await check()).sources) this.set({ source: name }, up ? 1 : 0)
    },
  })
  const dependencies = new Gauge({
    name: 'backtide_dependency_up',
    help: 'Whether what the process works with answers it (1) or not (0).',
    labelNames: ['dependency'],
    registers: [],
    async collect() {
      const { temporal, questdb } = await check()
      this.set({ dependency: 'temporal' }, temporal.up ? 1 : 0)
      this.set({ dependency: 'questdb' }, questdb.up ? 1 : 0)
    },
  })
  registry.registerMetric(sources)
  registry.registerMetric(dependencies)
}
