import type { Env } from './environment.ts'
import type { Origin } from './found.ts'
import { HIDDEN, mask } from './mask.ts'
import type { Settings } from './process-settings.ts'
import { settingOf, KEYS, type Key } from './settings.ts'
import { THEIRS } from './theirs.ts'

/** A setting as it may be shown to anybody. */
export interface ShownSetting {
  readonly name: string
  /** As it was written, or the default; what is secret is masked. Null when there is none. */
  readonly value: unknown
  readonly origin: Origin
}

/** All settings, and what the environment tells the SDKs of others that Backtide leaves to them. */
export function showSettings(settings: Settings, env: Env): readonly ShownSetting[] {
  return [...KEYS.map((name) => showSetting(settings, name)), ...showTheirs(env)]
}

function showSetting(settings: Settings, name: Key): ShownSetting {
  const origin = settings.origin(name)
  const value = settings.written(name)
  if (value === undefined) return { name, value: null, origin }
  if (settingOf(name).secret === 'whole') return { name, value: HIDDEN, origin }
  return { name, value: typeof value === 'string' ? mask(value) : value, origin }
}

function showTheirs(env: Env): readonly ShownSetting[] {
  return THEIRS.filter(({ name }) => env[name]?.trim()).map(({ name, secret }) => ({
    name,
    value: secret ? HIDDEN : mask(env[name] ?? ''),
    origin: { from: 'environment', name },
  }))
}
