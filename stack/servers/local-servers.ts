import { registry } from '@backtide/datasets/registry'
import { readQuestDbConf } from '@backtide/store/conf'
import { join } from 'node:path'
import { acquireQuestDb } from '../acquire/questdb.ts'
import { acquireTemporal } from '../acquire/temporal.ts'
import { acquireVersityGw } from '../acquire/versitygw.ts'
import type { StackConfig } from '../config.ts'
import type { Supervisor } from '../processes/supervisor.ts'
import type { Say } from '../say.ts'
import { keepLogin, type Login } from './kept-login.ts'
import { takeDefaultPort } from './ports.ts'
import { startQuestDb, type QuestDbOptions } from './questdb.ts'
import type { S3Address } from './s3-client.ts'
import { startS3, type S3Options } from './s3.ts'
import { stopCleanly } from './stop-cleanly.ts'
import { startTemporal, type TemporalOptions } from './temporal.ts'

/** The servers behind the API and the worker, local or configured. */
export interface Servers {
  readonly temporal: string
  readonly temporalUi: string | null
  readonly questdb: string
  /** Client configuration of QuestDB, with its login. */
  readonly questdbConf: string
  /** The local QuestDB, as `psql` finds it. */
  readonly questdbPg?: PgAddress
  readonly s3: string
  /** The local S3 gateway, if there is one. */
  readonly localS3?: S3Address
  /** The `temporal` command that runs the local Temporal. */
  readonly temporalCommand?: string
  /** Environment by which the worker and the API find them. */
  readonly env: NodeJS.ProcessEnv
}

/** Where QuestDB speaks PostgreSQL's protocol, and to whom. */
export interface PgAddress {
  readonly port: number
  readonly user: string
}

/** Buckets of all sources, made in a local gateway. */
const BUCKETS = new Set(
  registry.all.flatMap(({ source }) => (source.kind === 's3' ? source.bucket : [])),
)

/**
 * Brings up the servers that are not configured, with their data under `config.dataDir`.
 * @throws StackError when one cannot be had or does not come up
 */
export async function bringUpServers(
  config: StackConfig,
  supervisor: Supervisor,
  say: Say,
): Promise<Servers> {
  // Getting them one after the other: two builds at once help nobody.
  const questdb = config.questdb ?? (await questDbOptions(config, say))
  const s3 = config.s3 ?? (await s3Options(config, say))
  const temporal = config.temporal ?? (await temporalOptions(config, say))
  say('Starting what is not there yet …')
  const [questdbAt, s3At, temporalAt] = await Promise.all([
    typeof questdb === 'string'
      ? { questdb: readQuestDbConf(questdb).url, questdbConf: questdb, env: {} }
      : runQuestDb(questdb, supervisor, say),
    typeof s3 === 'string' ? { s3, env: {} } : runS3(s3, supervisor),
    typeof temporal === 'string'
      ? { temporal, temporalUi: config.temporalUi ?? null, env: {} }
      : runTemporal(temporal, supervisor),
  ])
  const env = { ...questdbAt.env, ...s3At.env, ...temporalAt.env }
  return { ...questdbAt, ...s3At, ...temporalAt, env }
}

async function questDbOptions(config: StackConfig, say: Say): Promise<LocalQuestDb> {
  const program = await acquireQuestDb({ env: config.env, say })
  const port = await takeDefaultPort('QuestDB', 9000, say)
  const pgPort = await takeDefaultPort("QuestDB's PostgreSQL wire", 8812, say)
  const healthPort = await takeDefaultPort("QuestDB's health", 9003, say)
  const dataDir = join(config.dataDir, 'questdb')
  const login = keepLogin(dataDir, () => 'backtide')
  return { ...program, dataDir, port, pgPort, healthPort, heapMb: 512, login }
}

/** The local QuestDB always asks for a login: any page in a browser could send it statements. */
type LocalQuestDb = QuestDbOptions & { readonly login: Login }

async function s3Options(config: StackConfig, say: Say): Promise<S3Options> {
  const binary = await acquireVersityGw({ env: config.env, say })
  const port = await takeDefaultPort('S3', 7070, say)
  return { binary, dataDir: join(config.dataDir, 's3'), port, buckets: [...BUCKETS] }
}

async function temporalOptions(config: StackConfig, say: Say) {
  const binary = await acquireTemporal({ env: config.env, say })
  const port = await takeDefaultPort('Temporal', 7233, say)
  const uiPort = await takeDefaultPort('the Temporal Web UI', 8233, say)
  const { namespace } = config
  const dataDir = join(config.dataDir, 'temporal')
  return { binary, dataDir, port, uiPort, namespace, retentionDays: 30 }
}

async function runQuestDb(options: LocalQuestDb, supervisor: Supervisor, say: Say) {
  const { url, clientConf, pgPort } = await supervisor.start(async () =>
    stopCleanly(await startQuestDb(options), say),
  )
  return {
    questdb: url,
    questdbConf: clientConf,
    questdbPg: { port: pgPort, user: options.login.user },
    env: { QDB_CLIENT_CONF: clientConf },
  }
}

async function runS3(options: S3Options, supervisor: Supervisor) {
  const server = await supervisor.start(() => startS3(options))
  const { endpoint, region, accessKeyId, secretAccessKey } = server
  return {
    s3: endpoint,
    localS3: { endpoint, region, accessKeyId, secretAccessKey },
    env: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: undefined,
      AWS_PROFILE: undefined,
    },
  }
}

async function runTemporal(
  options: TemporalOptions & { readonly dataDir: string },
  supervisor: Supervisor,
) {
  const { address, namespace, uiUrl } = await supervisor.start(() => startTemporal(options))
  return {
    temporal: address,
    temporalUi: uiUrl ?? null,
    temporalCommand: options.binary,
    env: {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      // The user's profile is for another cluster: its TLS and keys are not for this one. A file
      // that is not there counts as an empty one; an empty one does not.
      TEMPORAL_CONFIG_FILE: join(options.dataDir, 'no-profile.toml'),
      TEMPORAL_PROFILE: undefined,
      TEMPORAL_API_KEY: undefined,
      TEMPORAL_TLS: undefined,
      BACKTIDE_TEMPORAL_UI: uiUrl,
    },
  }
}
