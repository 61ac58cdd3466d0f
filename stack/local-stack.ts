import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { handOn } from '@backtide/config/hand-on'
import type { StackConfig } from './config.ts'
import { startService } from './processes/service.ts'
import type { Supervisor } from './processes/supervisor.ts'
import type { Say } from './say.ts'
import { loginFile } from './servers/kept-login.ts'
import { bringUpServers, type PgAddress, type Servers } from './servers/local-servers.ts'
import { takePort } from './servers/ports.ts'
import { buildBundles } from '@backtide/worker/bundles'

/** A stack that is up. */
export interface LocalStack {
  readonly addresses: Addresses
  readonly servers: Servers
}

/** Where everything is, for people and for programs. */
export interface Addresses {
  readonly api: string
  /** `host:port` */
  readonly temporal: string
  readonly temporalUi: string | null
  readonly questdb: string
  readonly s3: string
  /** The worker's, for Prometheus. */
  readonly metrics: string
}

/**
 * Brings up servers, worker and API.
 * @param root the clone
 * @throws StackError when something cannot be had or does not come up; what was started before is
 * left to the supervisor
 */
export async function bringUp(
  config: StackConfig,
  root: string,
  supervisor: Supervisor,
  say: Say,
): Promise<LocalStack> {
  const { host } = config
  const apiPort = await takePort('the API', config.apiPort, host, say)
  const metricsPort = await takePort("the worker's metrics", config.metricsPort, '127.0.0.1', say)
  const [servers, bundles] = await Promise.all([
    bringUpServers(config, supervisor, say),
    buildBundles({ withWorker: true }),
  ])
  process.once('exit', () => rmSync(bundles.folder, { recursive: true, force: true }))
  const env = handOn(config.settings, config.env, {
    ...servers.env,
    BACKTIDE_HOST: host,
    BACKTIDE_PORT: `${apiPort}`,
    BACKTIDE_METRICS_PORT: `${metricsPort}`,
    BACKTIDE_QUESTDB_UI: config.questdbUi ?? servers.questdb,
    BACKTIDE_DATA_DIR: config.dataDir,
    BACKTIDE_BUNDLES: bundles.folder,
    BACKTIDE_ROLES: config.settings.given('worker.roles')?.join(',') ?? 'control,load,live',
    BACKTIDE_LIVE_DIR: config.settings.given('live.dir') ?? join(config.dataDir, 'live'),
  })
  const service = (name: string, entry: string, log: string) =>
    supervisor.start(() =>
      startService({ name, root, entry, env, logFile: join(config.dataDir, 'logs', log) }),
    )
  await Promise.all([
    service('the worker', bundles.worker, 'worker.log'),
    service('the API', 'api/main.ts', 'api.log'),
  ])
  const { temporal, temporalUi, questdb, s3 } = servers
  const metrics = `http://127.0.0.1:${metricsPort}/metrics`
  const addresses = { api: apiUrl(host, apiPort), temporal, temporalUi, questdb, s3, metrics }
  return { addresses, servers }
}

/** Where everything is, and where its logins are kept, as a table for people. */
export function addressTable({ addresses, servers }: LocalStack, dataDir: string): string {
  const { questdbPg, localS3, temporalCommand } = servers
  const rows: readonly (readonly [string, string | null | undefined])[] = [
    ['API', addresses.api],
    ['API pages', `${addresses.api}/docs`],
    ['Temporal', addresses.temporal],
    ['Temporal Web UI', addresses.temporalUi],
    ['temporal command', temporalCommand],
    ['QuestDB console', addresses.questdb],
    ['QuestDB by psql', questdbPg && psqlLine(questdbPg)],
    ['QuestDB login', questdbPg && loginFile(join(dataDir, 'questdb'))],
    ['S3', addresses.s3],
    ['S3 login', localS3 && loginFile(join(dataDir, 's3'))],
    ['Metrics', `${addresses.api}/metrics, ${addresses.metrics}`],
    ['Data and logs', dataDir],
  ]
  const known = rows.filter(([, at]) => at)
  return known.map(([name, at]) => `  ${name.padEnd(17)}${at}`).join('\n')
}

function psqlLine({ port, user }: PgAddress): string {
  return `psql -h 127.0.0.1 -p ${port} -U ${user} qdb`
}

function apiUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
