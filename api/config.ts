import type { Env } from '@backtide/config/environment'
import { readFlags } from '@backtide/config/flags'
import type { Settings as ReadSettings } from '@backtide/config/process-settings'
import { withPassword } from '@backtide/config/questdb-conf'
import { readSettings } from '@backtide/config/read-settings'
import { isLoopback } from '@backtide/config/rules'
import { sourceKeys } from '@backtide/config/source-keys'
import { readTemporal, temporalProfile, type Temporal } from '@backtide/config/temporal'
import { keepToken, type KnownToken } from '@backtide/config/tokens'
import { ratesOf } from '@backtide/core/prices'
import { DEFAULT_TIMING } from '@backtide/core/timing'
import { readQuestDbConf } from '@backtide/store/conf'
import type { Settings, SpendingRules } from './deps.ts'

/** Configuration of the API process; read once, frozen. */
export interface Config {
  readonly host: string
  readonly port: number
  /** `QDB_CLIENT_CONF` of the official QuestDB clients. */
  readonly questdb: string
  readonly temporal: Temporal
  readonly logLevel: string
  readonly settings: Settings
}

/**
 * Reads the settings of the API.
 * @param cwd where `backtide.yaml` may lie; none is read unless it is named without
 * @throws ConfigError with everything that is wrong
 */
export function readConfig(env: Env, argv: readonly string[] = [], cwd?: string): Config {
  const beneath = temporalProfile(env)
  const flags = readFlags(argv, cwd)
  const settings = readSettings(['api'], { env, flags, beneath, ...(cwd && { cwd }) })
  const host = settings.get('api.host')
  const tokens = tokensOf(settings)
  const temporal = readTemporal(settings, env)
  const questdbUi = settings.get('questdb.ui')
  return deepFreeze({
    host,
    port: settings.get('api.port'),
    questdb: withPassword(settings.get('questdb.conf'), settings.get('questdb.password')),
    temporal,
    logLevel: settings.get('log.level'),
    settings: {
      namespace: temporal.namespace,
      temporalUi: settings.get('temporal.ui'),
      tempo: { ...DEFAULT_TIMING, ...settings.get('tempo') },
      spending: spendingRules(settings),
      ...(questdbUi && { questdbUi }),
      questdb: readQuestDbConf(settings.get('questdb.conf')).url,
      ...(tokens && { tokens }),
      sourceKeys: [...sourceKeys(settings).keys()],
      ...(isLoopback(host) && { allowedHosts: ['localhost', '127.0.0.1', '[::1]'] }),
    },
  })
}

function spendingRules(settings: ReadSettings): SpendingRules {
  const mirrors = settings.get('sources')
  const pricing = { endpoint: settings.get('s3.endpoint'), prices: settings.get('prices') }
  return {
    ratesOf: (source) => ratesOf(mirrors?.get(source.name) ?? source, pricing),
    monthlyUsd: settings.get('budget.monthlyUsd'),
    confirmUsd: settings.get('budget.confirmUsd'),
  }
}

/** Every token there is; undefined without any. */
function tokensOf(settings: ReadSettings): readonly KnownToken[] | undefined {
  const text = settings.get('api.token')
  const { name } = settings.origin('api.token')
  const one = text === undefined ? [] : [keepToken(name, 'operate', text)]
  const tokens = [...one, ...(settings.get('api.tokensFile') ?? [])]
  return tokens.length === 0 ? undefined : tokens
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null && !Object.isFrozen(inner)) deepFreeze(inner)
  }
  return Object.freeze(value)
}
