import { resolve } from 'node:path'
import type { S3Credentials } from '@backtide/activities/objects/s3/client'
import type { Env } from '@backtide/config/environment'
import { readFlags } from '@backtide/config/flags'
import type { ConfiguredMarket } from '@backtide/config/markets'
import type { Mirrors } from '@backtide/config/mirrors'
import type { Settings } from '@backtide/config/process-settings'
import { withPassword } from '@backtide/config/questdb-conf'
import { readSettings } from '@backtide/config/read-settings'
import { sourceKeys, type SourceKeys } from '@backtide/config/source-keys'
import { readTemporal, temporalProfile, type Temporal } from '@backtide/config/temporal'
import type { Role } from '@backtide/core/ids'
import type { CapturePlace } from './capture-bucket.ts'
import type { Rates } from '@backtide/core/prices'
import type { RawPlace } from './keep-raw.ts'

/** Configuration of the worker process; read once, frozen. */
export interface Config {
  readonly temporal: Temporal
  /** `QDB_CLIENT_CONF` of the official QuestDB clients. */
  readonly questdb: string
  /** Another S3 endpoint than AWS's. */
  readonly s3Endpoint?: string
  /** Where they came out of files; the SDK finds others by itself. */
  readonly s3Credentials?: S3Credentials
  /** Where sources are read instead of where they are. */
  readonly mirrors: Mirrors
  /** Keys of venues that ask for one. */
  readonly sourceKeys: SourceKeys
  /** What sources cost in place of list prices, by name. */
  readonly prices?: Readonly<Record<string, Rates>>
  /** Dollars all backfills together may spend in a UTC month. */
  readonly monthlyUsd?: number
  /** Where fetched objects are kept, if they are. */
  readonly keepRaw?: RawPlace
  /** Folder of bundles that were made before; without it a worker makes its own. */
  readonly bundles?: string
  /** Bytes of disk for objects that two datasets want together; 0 keeps none. */
  readonly scratchBytes: number
  /** Memory that loads may use together, in bytes. */
  readonly memoryBytes: number
  readonly roles: readonly Role[]
  /** Loads at once; each belongs to another table and day. */
  readonly loads: number
  /** Threads that decode. */
  readonly threads: number
  /** What a worker with the role `live` works with. */
  readonly live: LiveConfig
  readonly metrics?: { readonly host: string; readonly port: number }
  /** How long loads may go on after SIGTERM, milliseconds. */
  readonly graceMs: number
  readonly logLevel: string
}

export interface LiveConfig {
  /** Absolute folder, of this process alone. */
  readonly dir: string
  /** Where captures are uploaded, if they are. */
  readonly bucket?: CapturePlace
  /** Keeps them here too, until room is needed. */
  readonly keepLocal: boolean
  /** Where venues are, if not where they are. */
  readonly markets: readonly ConfiguredMarket[]
}

/**
 * Reads the settings of a worker.
 * @param cwd where `backtide.yaml` may lie; none is read unless it is named without
 * @throws ConfigError with everything that is wrong
 */
export function readConfig(env: Env, argv: readonly string[] = [], cwd?: string): Config {
  const beneath = temporalProfile(env)
  const flags = readFlags(argv, cwd)
  const settings = readSettings(['worker'], { env, flags, beneath, ...(cwd && { cwd }) })
  const s3Endpoint = settings.get('s3.endpoint')
  const s3Credentials = credentialsOf(settings)
  const keepRaw = settings.get('data.keepRaw')
  const bundles = settings.get('worker.bundles')
  const region = settings.get('s3.region')
  const port = settings.get('worker.metricsPort')
  const prices = settings.get('prices')
  const monthlyUsd = settings.get('budget.monthlyUsd')
  return Object.freeze({
    temporal: readTemporal(settings, env),
    questdb: withPassword(settings.get('questdb.conf'), settings.get('questdb.password')),
    ...(s3Endpoint && { s3Endpoint }),
    ...(s3Credentials && { s3Credentials }),
    mirrors: settings.get('sources') ?? new Map(),
    sourceKeys: sourceKeys(settings),
    ...(prices && { prices }),
    ...(monthlyUsd !== undefined && { monthlyUsd }),
    ...(keepRaw && { keepRaw: 'folder' in keepRaw ? keepRaw : { ...keepRaw, region } }),
    ...(bundles && { bundles: resolve(bundles) }),
    scratchBytes: settings.get('worker.scratchMb') * 1024 * 1024,
    memoryBytes: settings.get('worker.memoryMb') * 1024 * 1024,
    roles: settings.get('worker.roles'),
    loads: settings.get('worker.loads'),
    threads: settings.get('worker.threads'),
    live: liveOf(settings),
    ...(port && { metrics: { host: settings.get('worker.metricsHost'), port } }),
    graceMs: settings.get('worker.graceMs'),
    logLevel: settings.get('log.level'),
  })
}

function liveOf(settings: Settings): LiveConfig {
  const keep = settings.get('live.keep')
  const bucket = keep === 'local' ? undefined : settings.get('live.bucket')
  const region = settings.get('s3.region')
  return {
    dir: resolve(settings.get('live.dir')),
    ...(bucket && { bucket: { ...bucket, region } }),
    keepLocal: keep === 'both',
    markets: settings.get('markets') ?? [],
  }
}

/** A key and its secret where one of them came out of a file: the SDK reads variables only. */
function credentialsOf(settings: Settings): S3Credentials | undefined {
  const pair = ['s3.accessKeyId', 's3.secretAccessKey'] as const
  if (!pair.some((key) => settings.origin(key).name.endsWith('_FILE'))) return undefined
  const [accessKeyId = '', secretAccessKey = ''] = pair.map((key) => settings.get(key))
  const sessionToken = settings.get('s3.sessionToken')
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}
