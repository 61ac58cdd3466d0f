import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What the API counts about itself. */
export interface Metrics {
  readonly registry: Registry
  /** Seconds by method, route and status. */
  readonly httpDuration: Histogram<'method' | 'route' | 'status'>
  /** 1 while a dependency answers, else 0. */
  readonly dependencyUp: Gauge<'dependency'>
  /** 1 for each table that takes rows and does not apply them. */
  readonly tableSuspended: Gauge<'table'>
}

/** Creates the metrics in a registry of their own; `process` adds those of the Node process. */
export function createMetrics(options: { readonly process: boolean }): Metrics {
  const registry = new Registry()
  if (options.process) collectDefaultMetrics({ register: registry })
  return {
    registry,
    httpDuration: new Histogram({
      name: 'backtide_http_request_duration_seconds',
      help: 'Duration of HTTP requests by method, route and status.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    }),
    dependencyUp: new Gauge({
      name: 'backtide_dependency_up',
      help: 'Whether a dependency of the API answers (1) or not (0).',
      labelNames: ['dependency'],
      registers: [registry],
    }),
    tableSuspended: new Gauge({
      name: 'backtide_table_suspended',
      help: 'Tables that take rows and do not apply them (1).',
      labelNames: ['table'],
      registers: [registry],
    }),
  }
}
