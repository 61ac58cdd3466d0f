import { readFlags } from '@backtide/config/flags'
import type { ConfiguredMarket } from '@backtide/config/markets'
import { readSettings } from '@backtide/config/read-settings'
import { showSettings } from '@backtide/config/show'
import type { ApiPlace } from './client.ts'

/** Flags that every command takes. */
export interface GlobalOptions {
  readonly config?: string
  readonly apiUrl?: string
}

/**
 * Where the API is, as the settings say.
 * @throws ConfigError with everything that is wrong with them
 */
export function readApiPlace({ config, apiUrl }: GlobalOptions): ApiPlace {
  const words = [
    ...(config === undefined ? [] : [`--config=${config}`]),
    ...(apiUrl === undefined ? [] : [`--api-url=${apiUrl}`]),
  ]
  const cwd = process.cwd()
  const settings = readSettings(['cli'], { flags: readFlags(words, cwd), env: process.env, cwd })
  const url = settings.get('api.url') ?? `http://127.0.0.1:${settings.get('api.port')}`
  return { url, token: settings.get('api.token') }
}

/**
 * The markets that are configured to be collected.
 * @throws ConfigError with everything that is wrong with the settings
 */
export function readMarkets({ config }: GlobalOptions): readonly ConfiguredMarket[] {
  const cwd = process.cwd()
  const words = config === undefined ? [] : [`--config=${config}`]
  const settings = readSettings(['cli'], { flags: readFlags(words, cwd), env: process.env, cwd })
  return settings.get('markets') ?? []
}

/**
 * The settings of all processes as they may be shown, and the file among their sources.
 * @throws ConfigError with everything that is wrong with them
 */
export async function readShown(words: readonly string[]) {
  // Loads a part of Temporal's SDK, which no other command needs.
  const { temporalProfile } = await import('@backtide/config/temporal')
  const { env } = process
  const cwd = process.cwd()
  const flags = readFlags(words, cwd, ['json'])
  const beneath = temporalProfile(env)
  const settings = readSettings(['worker', 'api', 'stack', 'cli'], { flags, env, cwd, beneath })
  return { file: settings.file?.path ?? null, settings: showSettings(settings, env) }
}
