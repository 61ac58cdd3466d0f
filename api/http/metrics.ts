import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What the API counts about itself. */
export interface Metrics {
  readonly registry: Registry
  /** Seconds by method, route and status. */
  readonly httpDuration: Histogram<'method' | 'route' | 'status'>
  /** 1 while a dependency answers, else 0. */
  readonly dependencyUp: Gauge<'dependency'>
  /** 1 for each table that takes rows and does not apply them. */
  readonly tableSuspended: Gauge<'table'>
  readonly workers: Gauge
  readonly sourceUp: Gauge<'source'>
  readonly backfillsEnded: Counter<'dataset' | 'outcome'>
}

/** Gauges of prom-client that are called totals; `promtool check metrics` refuses them. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/** Creates the metrics in a registry of their own; `process` adds those of the Node process. */
export function createMetrics(options: { readonly process: boolean }): Metrics {
  const registry = new Registry()
  if (options.process) collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  return {
    registry,
    httpDuration: new Histogram({
      name: 'backtide_http_request_duration_seconds',
      help: 'Time from a request to its answer; unknown paths are one route.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    }),
    dependencyUp: new Gauge({
      name: 'backtide_dependency_up',
      help: 'Whether what the process works with answers it (1) or not (0).',
      labelNames: ['dependency'],
      registers: [registry],
    }),
    tableSuspended: new Gauge({
      name: 'backtide_table_suspended',
      help: 'Tables that take rows and do not apply them (1).',
      labelNames: ['table'],
      registers: [registry],
    }),
    workers: new Gauge({
      name: 'backtide_workers',
      help: 'Worker processes that are alive, by their records and by what Temporal knows.',
      registers: [registry],
    }),
    sourceUp: new Gauge({
      name: 'backtide_source_up',
      help: 'Whether a source answers any worker (1) or none (0).',
      labelNames: ['source'],
      registers: [registry],
    }),
    backfillsEnded: new Counter({
      name: 'backtide_backfills_ended_total',
      help: 'Backfills of this namespace that have ended, by outcome; from the table backfills.',
      labelNames: ['dataset', 'outcome'],
      registers: [registry],
    }),
  }
}
