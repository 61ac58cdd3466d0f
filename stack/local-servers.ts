import { join } from 'node:path'
import { acquireQuestDb } from './acquire-questdb.ts'
import { acquireTemporal } from './acquire-temporal.ts'
import { acquireVersityGw } from './acquire-versitygw.ts'
import { questDbUrl, type StackConfig } from './config.ts'
import type { Crew } from './crew.ts'
import { takeDefaultPort } from './stack-ports.ts'
import { startQuestDb } from './questdb.ts'
import { startS3 } from './s3.ts'
import type { S3Address } from './s3-client.ts'
import type { Say } from './say.ts'
import { startTemporal } from './temporal.ts'

/** The servers behind the API and the worker, local or configured. */
export interface Servers {
  readonly temporal: string
  readonly temporalUi: string | null
  readonly questdb: string
  readonly s3: string
  /** Environment by which the worker and the API find them. */
  readonly env: NodeJS.ProcessEnv
  /** The local S3 gateway, if there is one. */
  readonly localS3?: S3Address
}

/** Buckets of the archives, made in a local gateway. */
const BUCKETS = ['hyperliquid-archive']

type Found = Partial<Servers>

/**
 * Brings up the servers that are not configured, with their data under `config.dataDir`.
 * @throws StackError when one cannot be had or does not come up
 */
export async function bringUpServers(config: StackConfig, crew: Crew, say: Say): Promise<Servers> {
  const prepare = [
    config.questdb ? configuredQuestDb(config.questdb) : await localQuestDb(config, crew, say),
    config.s3 ? configuredS3(config.s3) : await localS3(config, crew, say),
    config.temporal
      ? configuredTemporal(config.temporal, config.env)
      : await localTemporal(config, crew, say),
  ]
  say('Starting what is not there yet …')
  const found = await Promise.all(prepare.map((bringUp) => bringUp()))
  const env = Object.assign({}, ...found.map((one) => one.env))
  const all = Object.assign({ temporalUi: null }, ...found)
  return { ...all, env }
}

type BringUp = () => Promise<Found>

function configuredTemporal(address: string, env: NodeJS.ProcessEnv): BringUp {
  return async () => ({ temporal: address, temporalUi: env.BACKTIDE_TEMPORAL_UI ?? null, env: {} })
}

function configuredQuestDb(clientConf: string): BringUp {
  return async () => ({ questdb: questDbUrl(clientConf) ?? '', env: {} })
}

function configuredS3(endpoint: string): BringUp {
  return async () => ({ s3: endpoint, env: {} })
}

async function localTemporal(config: StackConfig, crew: Crew, say: Say): Promise<BringUp> {
  const binary = await acquireTemporal({ env: config.env, say })
  const port = await takeDefaultPort('Temporal', 7233, say)
  const uiPort = await takeDefaultPort('the Temporal Web UI', 8233, say)
  const { namespace } = config
  const dataDir = join(config.dataDir, 'temporal')
  const options = { binary, dataDir, port, uiPort, namespace, retentionDays: 30 }
  return async () => {
    const { address, uiUrl } = await crew.start(() => startTemporal(options))
    return {
      temporal: address,
      temporalUi: uiUrl ?? null,
      env: {
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: namespace,
        // The user's profile is for another cluster: its TLS and keys are not for this one. A file
        // that is not there counts as an empty one; an empty one does not.
        TEMPORAL_CONFIG_FILE: join(dataDir, 'no-profile.toml'),
        TEMPORAL_PROFILE: undefined,
        TEMPORAL_API_KEY: undefined,
        TEMPORAL_TLS: undefined,
        BACKTIDE_TEMPORAL_UI: uiUrl,
      },
    }
  }
}

async function localQuestDb(config: StackConfig, crew: Crew, say: Say): Promise<BringUp> {
  const program = await acquireQuestDb({ env: config.env, say })
  const port = await takeDefaultPort('QuestDB', 9000, say)
  const pgPort = await takeDefaultPort("QuestDB's PostgreSQL wire", 8812, say)
  const healthPort = await takeDefaultPort("QuestDB's health", 9003, say)
  const dataDir = join(config.dataDir, 'questdb')
  const options = { ...program, dataDir, port, pgPort, healthPort, heapMb: 512 }
  return async () => {
    const { url, clientConf } = await crew.start(() => startQuestDb(options))
    return { questdb: url, env: { QDB_CLIENT_CONF: clientConf } }
  }
}

async function localS3(config: StackConfig, crew: Crew, say: Say): Promise<BringUp> {
  const binary = await acquireVersityGw({ env: config.env, say })
  const port = await takeDefaultPort('S3', 7070, say)
  const options = { binary, dataDir: join(config.dataDir, 's3'), port, buckets: BUCKETS }
  return async () => {
    const server = await crew.start(() => startS3(options))
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
}
