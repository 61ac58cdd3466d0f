import { resolve } from 'node:path'
import { SHORTEST_TOKEN } from '@backtide/api/http/tokens'
import type { S3Address } from './servers/s3-client.ts'
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
  /** The configured S3, as one who may write to it; undefined without credentials. */
  readonly writableS3: S3Address | undefined
  /** The environment itself, for the processes we start. */
  readonly env: NodeJS.ProcessEnv
}

const AWS = 'https://s3.amazonaws.com'
const AWS_CREDENTIALS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
]
const LOOPBACK = ['127.0.0.1', 'localhost', '::1']

/**
 * Reads the environment. With `sample`, AWS credentials alone do not count as a configured S3: the
 * sample archive is written, and must never be written to AWS.
 * @param root the clone, where data lives unless BACKTIDE_DATA_DIR says otherwise
 * @throws StackError (exit code 2) naming the variable that does not fit
 */
export function readConfig(env: NodeJS.ProcessEnv, root: string, sample: boolean): StackConfig {
  const read = (name: string) => env[name]?.trim() || undefined
  const s3 = configuredS3(read, sample)
  const config: StackConfig = {
    dataDir: resolve(root, read('BACKTIDE_DATA_DIR') ?? '.backtide'),
    host: read('BACKTIDE_HOST') ?? '127.0.0.1',
    apiPort: readPort('BACKTIDE_PORT', read, 8484),
    metricsPort: readPort('BACKTIDE_METRICS_PORT', read, 9464),
    token: read('BACKTIDE_TOKEN'),
    namespace: read('TEMPORAL_NAMESPACE') ?? 'default',
    temporal: read('TEMPORAL_ADDRESS'),
    temporalUi: read('BACKTIDE_TEMPORAL_UI'),
    questdb: read('QDB_CLIENT_CONF'),
    questdbUi: read('BACKTIDE_QUESTDB_UI'),
    s3,
    writableS3: s3 === undefined ? undefined : writableS3(s3, read),
    env,
  }
  check(config)
  return config
}

type Read = (name: string) => string | undefined

function configuredS3(read: Read, sample: boolean): string | undefined {
  const endpoint = read('AWS_ENDPOINT_URL_S3') ?? read('AWS_ENDPOINT_URL')
  if (endpoint === undefined) return !sample && AWS_CREDENTIALS.some(read) ? AWS : undefined
  if (!URL.canParse(endpoint))
    fail('AWS_ENDPOINT_URL_S3', endpoint, 'a URL such as http://127.0.0.1:7070')
  if (sample && /(^|\.)amazonaws\.com$/.test(new URL(endpoint).hostname)) {
    throw new StackError(
      'AWS_ENDPOINT_URL_S3 is AWS, and the sample archive is never written there: unset it.',
      2,
    )
  }
  return endpoint
}

function writableS3(endpoint: string, read: Read): S3Address | undefined {
  const accessKeyId = read('AWS_ACCESS_KEY_ID')
  const secretAccessKey = read('AWS_SECRET_ACCESS_KEY')
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  const region = read('AWS_REGION') ?? read('AWS_DEFAULT_REGION') ?? 'us-east-1'
  return { endpoint, region, accessKeyId, secretAccessKey }
}

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
