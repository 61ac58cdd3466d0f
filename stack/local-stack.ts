import { join } from 'node:path'
import type { Addresses } from './addresses.ts'
import type { StackConfig } from './config.ts'
import type { Crew } from './crew.ts'
import { bringUpServers, type Servers } from './local-servers.ts'
import type { Say } from './say.ts'
import { startService } from './service.ts'
import { takePort } from './stack-ports.ts'

/** A stack that is up. */
export interface LocalStack {
  readonly addresses: Addresses
  readonly servers: Servers
}

/**
 * Brings up servers, worker and API.
 * @param root the clone
 * @throws StackError when something cannot be had or does not come up; what was started before is
 * left to the crew
 */
export async function bringUp(
  config: StackConfig,
  root: string,
  crew: Crew,
  say: Say,
): Promise<LocalStack> {
  const { host } = config
  const apiPort = await takePort('the API', 'BACKTIDE_PORT', config.apiPort, host, say)
  const metricsPort = await takePort(
    "the worker's metrics",
    'BACKTIDE_METRICS_PORT',
    config.metricsPort,
    '127.0.0.1',
    say,
  )
  const servers = await bringUpServers(config, crew, say)
  const env = {
    ...config.env,
    ...servers.env,
    BACKTIDE_HOST: host,
    BACKTIDE_PORT: `${apiPort}`,
    BACKTIDE_METRICS_PORT: `${metricsPort}`,
    BACKTIDE_QUESTDB_UI: config.env.BACKTIDE_QUESTDB_UI || servers.questdb,
    BACKTIDE_DATA_DIR: config.dataDir,
  }
  const service = (name: string, entry: string, log: string) =>
    crew.start(() =>
      startService({ name, root, entry, env, logFile: join(config.dataDir, 'logs', log) }),
    )
  await Promise.all([
    service('the worker', 'worker/main.ts', 'worker.log'),
    service('the API', 'api/main.ts', 'api.log'),
  ])
  const { temporal, temporalUi, questdb, s3 } = servers
  return { addresses: { api: apiUrl(host, apiPort), temporal, temporalUi, questdb, s3 }, servers }
}

function apiUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
