import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { NativeConnectionOptions } from '@temporalio/worker'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { registry } from '@backtide/datasets/registry'
import { z } from 'zod'
import { ROLES, type Role } from './create-workers.ts'
import { readKeepRaw, type KeepRaw } from './keep-raw.ts'
import { mirrorsOf, type Mirrors } from './mirrors.ts'

/** Configuration of the worker process; read once, frozen. */
export interface Config {
  readonly temporal: { readonly connection: NativeConnectionOptions; readonly namespace: string }
  /** `QDB_CLIENT_CONF` of the official QuestDB clients. */
  readonly questdb: string
  /** Another S3 endpoint than AWS's. */
  readonly s3Endpoint?: string
  /** Where sources are read instead of where they are. */
  readonly mirrors: Mirrors
  /** Where fetched objects are kept, if they are. */
  readonly keepRaw?: KeepRaw
  /** Folder of bundles that were made before; without it a worker makes its own. */
  readonly bundles?: string
  /** Memory that loads may use together, in bytes. */
  readonly memoryBytes: number
  readonly roles: readonly Role[]
  /** Loads at once; each belongs to another table and day. */
  readonly loads: number
  /** Threads that decode. */
  readonly threads: number
  readonly metrics?: { readonly host: string; readonly port: number }
  /** How long loads may go on after SIGTERM, milliseconds. */
  readonly graceMs: number
  readonly logLevel: string
}

const environment = z.object({
  QDB_CLIENT_CONF: z.string().default('http::addr=127.0.0.1:9000;'),
  AWS_ENDPOINT_URL_S3: z.url({ protocol: /^https?$/ }).optional(),
  AWS_ENDPOINT_URL: z.url({ protocol: /^https?$/ }).optional(),
  BACKTIDE_SOURCES: mirrorsOf(registry.all.map(({ source }) => source)).optional(),
  BACKTIDE_KEEP_RAW: z.string().optional(),
  BACKTIDE_BUNDLES: z.string().optional(),
  AWS_REGION: z.string().default('us-east-1'),
  BACKTIDE_MEMORY_MB: z.coerce.number().int().min(128).max(65_536).default(512),
  BACKTIDE_ROLES: z
    .string()
    .default(ROLES.join(','))
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(ROLES)).min(1)),
  BACKTIDE_LOADS: z.coerce.number().int().min(1).max(64).default(4),
  BACKTIDE_THREADS: z.coerce.number().int().min(1).max(64).default(availableParallelism()),
  BACKTIDE_METRICS_HOST: z.string().default('127.0.0.1'),
  BACKTIDE_METRICS_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  BACKTIDE_GRACE_MS: z.coerce.number().int().min(0).max(3_600_000).default(30_000),
  BACKTIDE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

/** The configuration is wrong; the message names each variable, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the environment. An empty variable counts as not set.
 * @throws ConfigError naming every variable that is wrong
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value)) as Env
  const read = environment.safeParse(set)
  if (!read.success) {
    const wrong = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new ConfigError(wrong.join('; '))
  }
  const { data } = read
  const s3Endpoint = data.AWS_ENDPOINT_URL_S3 ?? data.AWS_ENDPOINT_URL
  const keepRaw = keepRawOf(data.BACKTIDE_KEEP_RAW, data.AWS_REGION)
  const port = data.BACKTIDE_METRICS_PORT
  return Object.freeze({
    temporal: readTemporal(set),
    questdb: data.QDB_CLIENT_CONF,
    ...(s3Endpoint === undefined ? {} : { s3Endpoint }),
    mirrors: data.BACKTIDE_SOURCES ?? new Map(),
    ...(keepRaw === undefined ? {} : { keepRaw }),
    ...(data.BACKTIDE_BUNDLES === undefined ? {} : { bundles: resolve(data.BACKTIDE_BUNDLES) }),
    memoryBytes: data.BACKTIDE_MEMORY_MB * 1024 * 1024,
    roles: [...new Set(data.BACKTIDE_ROLES)],
    loads: data.BACKTIDE_LOADS,
    threads: data.BACKTIDE_THREADS,
    ...(port === undefined ? {} : { metrics: { host: data.BACKTIDE_METRICS_HOST, port } }),
    graceMs: data.BACKTIDE_GRACE_MS,
    logLevel: data.BACKTIDE_LOG_LEVEL,
  })
}

function keepRawOf(text: string | undefined, region: string): KeepRaw | undefined {
  if (text === undefined) return undefined
  const keepRaw = readKeepRaw(text, region)
  if (!keepRaw) throw new ConfigError('BACKTIDE_KEEP_RAW: must be a folder or s3://bucket/prefix')
  return keepRaw
}

/** `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE` and the rest of Temporal's own configuration. */
function readTemporal(env: Env): Config['temporal'] {
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: env })
  const { address, tls, apiKey, metadata } = connectionOptions
  return {
    connection: {
      address: address ?? '127.0.0.1:7233',
      ...(tls === undefined ? {} : { tls }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(metadata === undefined ? {} : { metadata }),
    },
    namespace: namespace ?? 'default',
  }
}

type Env = Record<string, string>
