import { resolve } from 'node:path'
import { ConfigError } from '@backtide/config/config-error'
import { readFlags } from '@backtide/config/flags'
import type { Settings } from '@backtide/config/process-settings'
import { withPassword } from '@backtide/config/questdb-conf'
import { readSettings } from '@backtide/config/read-settings'
import { chooseArchive, explainNoSample } from './archive.ts'
import { StackError } from './stack-error.ts'

/** A port to listen on. */
export interface WantedPort {
  readonly port: number
  /** What asks for it: such a port is never replaced by another. */
  readonly setBy?: string
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
  /** Everything that is set, for the processes we start. */
  readonly settings: Settings
  readonly env: NodeJS.ProcessEnv
}

/** Where the settings of a stack are read, beside the environment. */
export interface Told {
  /** The command line: flags of settings, and one of its own that is no setting. */
  readonly argv: readonly string[]
  readonly own?: string
  /** Where `backtide.yaml` may lie; none is read unless it is named without. */
  readonly cwd?: string
}

/** Where the worker's metrics are, unless somebody says otherwise. */
const METRICS_PORT = 9464

/**
 * Reads the settings of the stack, and with them those of the worker and the API that it starts;
 * `demo` is for loading the sample and nothing else.
 * @param root the clone, where data lives unless somebody says otherwise
 * @throws ConfigError with everything that is wrong, StackError (exit code 2) for a demo over servers
 * that are configured
 */
export function readConfig(
  env: NodeJS.ProcessEnv,
  root: string,
  demo: boolean,
  { argv, own, cwd }: Told = { argv: [] },
): StackConfig {
  const flags = readFlags(argv, cwd, own === undefined ? [] : [own])
  const settings = readSettings(['stack', 'worker', 'api'], { env, flags, ...(cwd && { cwd }) })
  const archive = chooseArchive(settings, env, demo)
  const conf = settings.given('questdb.conf')
  const questdb = conf && withPassword(conf, settings.get('questdb.password'))
  const noSample = explainNoSample(questdb, archive)
  if (demo && noSample !== undefined) {
    throw new StackError(
      `${noSample} For the demo, unset QDB_CLIENT_CONF and AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL).`,
      2,
    )
  }
  return {
    dataDir: dataDirOf(settings, root),
    host: settings.get('api.host'),
    apiPort: wantedPort(settings, 'api.port', settings.get('api.port')),
    metricsPort: wantedPort(settings, 'worker.metricsPort', METRICS_PORT),
    token: settings.get('api.token'),
    namespace: settings.get('temporal.namespace'),
    temporal: settings.given('temporal.address'),
    temporalUi: settings.given('temporal.ui'),
    questdb,
    questdbUi: settings.get('questdb.ui'),
    s3: archive.s3,
    archive: archive.why,
    noSample,
    settings,
    env,
  }
}

/** The folder where local servers keep data, and what says that they run. */
export function dataDirOf(settings: Settings, root: string): string {
  return resolve(root, settings.get('data.dir') ?? '.backtide')
}

function wantedPort(
  settings: Settings,
  key: 'api.port' | 'worker.metricsPort',
  byDefault: number,
): WantedPort {
  const port = settings.given(key)
  if (port === undefined) return { port: byDefault }
  const setBy = settings.origin(key).name
  if (port === 0) throw new ConfigError([`${setBy}: must be a port from 1 to 65535`])
  return { port, setBy }
}
