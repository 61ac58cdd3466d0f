import { resolve } from 'node:path'
import { SHORTEST_TOKEN } from '@backtide/api/http/tokens'
import { chooseArchive, explainNoSample } from './archive.ts'
import { StackError } from './stack-error.ts'

/** A port to listen on; an explicit one is never replaced by another. */
export interface WantedPort {
  readonly port: number
  readonly explicit: boolean
}

/** What the local stack is to bring up, and what is there already. */
export interface StackConfig {
  readonly dataDir: string
  readonly host: string
  readonly apiPort: WantedPort
  readonly metricsPort: WantedPort
  readonly token: string | undefined
  readonly namespace: string
  /** Address of a configured Temporal; undefined: bring one up. */
  readonly temporal: string | undefined
  /** Web UI of a configured Temporal. */
  readonly temporalUi: string | undefined
  /** Client configuration of a configured QuestDB; undefined: bring one up. */
  readonly questdb: string | undefined
  /** QuestDB's console, where people reach it at another address than we do. */
  readonly questdbUi: string | undefined
  /** Address of a configured S3; undefined: bring one up. */
  readonly s3: string | undefined
  /** Why objects are read from there, in a sentence. */
  readonly archive: string
  /** Why the sample is not loaded, in a sentence; undefined where it may be. */
  readonly noSample: string | undefined
  /** The environment itself, for the processes we start. */
  readonly env: NodeJS.ProcessEnv
}

const LOOPBACK = ['127.0.0.1', 'localhost', '::1']

/**
 * Reads the environment; `demo` is for loading the sample and nothing else.
 * @param root the clone, where data lives unless BACKTIDE_DATA_DIR says otherwise
 * @throws StackError (exit code 2) naming the variable that does not fit
 */
export function readConfig(env: NodeJS.ProcessEnv, root: string, demo: boolean): StackConfig {
  const read = (name: string) => env[name]?.trim() || undefined
  const archive = chooseArchive(read, demo)
  const questdb = read('QDB_CLIENT_CONF')
  const config: StackConfig = {
    dataDir: dataDirOf(env, root),
    host: read('BACKTIDE_HOST') ?? '127.0.0.1',
    apiPort: readPort('BACKTIDE_PORT', read, 8484),
    metricsPort: readPort('BACKTIDE_METRICS_PORT', read, 9464),
    token: read('BACKTIDE_TOKEN'),
    namespace: read('TEMPORAL_NAMESPACE') ?? 'default',
    temporal: read('TEMPORAL_ADDRESS'),
    temporalUi: read('BACKTIDE_TEMPORAL_UI'),
    questdb,
    questdbUi: read('BACKTIDE_QUESTDB_UI'),
    s3: archive.s3,
    archive: archive.why,
    noSample: explainNoSample(questdb, archive),
    env,
  }
  check(config)
  if (demo && config.noSample !== undefined) {
    throw new StackError(
      `${config.noSample} For the demo, unset QDB_CLIENT_CONF and AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL).`,
      2,
    )
  }
  return config
}

/** The folder where local servers keep data, and what says that they run. */
export function dataDirOf(env: NodeJS.ProcessEnv, root: string): string {
  return resolve(root, env['BACKTIDE_DATA_DIR']?.trim() || '.backtide')
}

type Read = (name: string) => string | undefined

function readPort(name: string, read: Read, byDefault: number): WantedPort {
  const text = read(name)
  if (text === undefined) return { port: byDefault, explicit: false }
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) fail(name, text, 'a port from 1 to 65535')
  return { port, explicit: true }
}

function check(config: StackConfig): void {
  const { host, token, temporal, questdb, env } = config
  if (token !== undefined && token.length < SHORTEST_TOKEN) {
    throw new StackError(`BACKTIDE_TOKEN has to have ${SHORTEST_TOKEN} characters or more.`, 2)
  }
  const asks = token ?? env['BACKTIDE_TOKEN_FILE'] ?? env['BACKTIDE_TOKENS_FILE']
  if (!LOOPBACK.includes(host) && !asks) {
    throw new StackError(
      `BACKTIDE_HOST is ${host}, which others can reach: set BACKTIDE_TOKEN to a secret, too.`,
      2,
    )
  }
  if (temporal !== undefined && !/^[^\s/]+:\d+$/.test(temporal)) {
    fail('TEMPORAL_ADDRESS', temporal, 'host:port')
  }
  if (questdb !== undefined && questDbUrl(questdb) === undefined) {
    // Not quoted: it may hold a password.
    throw new StackError('QDB_CLIENT_CONF has to be like http::addr=127.0.0.1:9000;', 2)
  }
}

/** `http://host:port` of a QuestDB client configuration, without its credentials. */
export function questDbUrl(clientConf: string): string | undefined {
  const match = /^(https?)::(?:.*;)?addr=([^;\s]+)/.exec(clientConf)
  return match ? `${match[1]}://${match[2]}` : undefined
}

function fail(name: string, value: string, wanted: string): never {
  throw new StackError(`${name} is "${value}"; it has to be ${wanted}.`, 2)
}
