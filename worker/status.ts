import type { ActivityDependencies } from '@backtide/activities/activities'
import { registry } from '@backtide/datasets/registry'
import type { Client } from '@temporalio/client'
import { hostname } from 'node:os'
import type { Config } from './config.ts'
import { readCoreMetrics } from './core-metrics.ts'
import { addLiveMetrics, streamsWithoutData, type Collected } from './live/metrics.ts'
import type { Live } from './live/open-live.ts'
import { addProcessMetrics } from './metrics.ts'
import { createReadiness, type CheckReadiness } from './readiness.ts'
import { keepRecord } from './record.ts'
import { startStatusServer } from './status-server.ts'

/** The name of this process among all workers: what Temporal's SDK calls it by itself. */
export const IDENTITY = `${process.pid}@${hostname()}`

/**
 * Tells how this worker is: its record in QuestDB, by which the API knows of it, and, where a port is
 * configured, health, readiness and metrics over HTTP. `corePort` is where Temporal's SDK has its own.
 */
export async function openStatus(
  config: Pick<Config, 'metrics' | 'mirrors' | 's3Endpoint' | 'roles' | 'temporal'>,
  temporal: Client,
  { store, metrics, flow }: Pick<ActivityDependencies, 'store' | 'metrics' | 'flow'>,
  corePort: number | undefined,
  live?: Collected & Pick<Live, 'host'>,
): Promise<{ close(): Promise<void> }> {
  const { namespace } = config.temporal
  const ask = checkOf(config, temporal, store)
  const check: CheckReadiness = async () => ({
    ...(await ask()),
    ...(live && { feedsWithoutData: streamsWithoutData(live.host) }),
  })
  const self = { worker: IDENTITY, namespace, startedAt: Date.now(), roles: config.roles }
  const record = await keepRecord(store, self, check)
  if (!config.metrics) return { close: record.stop }
  addProcessMetrics(metrics, flow, check)
  if (live) addLiveMetrics(metrics.registry, live)
  const server = await startStatusServer({
    ...config.metrics,
    check,
    metrics: async () => {
      const core = corePort === undefined ? '' : await readCoreMetrics(corePort)
      return `${await metrics.registry.metrics()}${core}`
    },
  })
  return {
    close: async () => {
      await Promise.all([record.stop(), server.close()])
    },
  }
}

function checkOf(
  { mirrors, s3Endpoint, temporal: { namespace } }: Parameters<typeof openStatus>[0],
  { workflowService }: Client,
  store: ActivityDependencies['store'],
): CheckReadiness {
  const named = new Map(registry.all.map(({ source }) => [source.name, source]))
  return createReadiness({
    temporal: () => workflowService.describeNamespace({ namespace }),
    questdb: () => store.ping(),
    sources: [...named.values()].map((source) => mirrors.get(source.name) ?? source),
    ...(s3Endpoint === undefined ? {} : { endpoint: s3Endpoint }),
  })
}
