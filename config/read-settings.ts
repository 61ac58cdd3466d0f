import { ConfigError } from './config-error.ts'
import { readConfigFile, type ConfigFile } from './config-file.ts'
import { findInEnvironment, type Env } from './environment.ts'
import { readFlags, type Flags } from './flags.ts'
import { foundText, type Found, type Origin } from './found.ts'
import { RULES } from './rules.ts'
import type { Settings } from './process-settings.ts'
import type { Reader } from './setting.ts'
import { flagOf, KEYS, settingOf, type Key, type Value } from './settings.ts'

/** Where a process may be told something. */
export interface Sources {
  /** The command line. */
  readonly flags?: Flags
  readonly env: Env
  /** The folder it runs in; no file is read unless it is named without. */
  readonly cwd?: string
  /** What goes before defaults only. */
  readonly beneath?: ReadonlyMap<Key, Found>
}

/**
 * Reads the settings of some processes: flag over environment over file over default. Of the file all
 * is checked, of the environment what the processes read.
 * @throws ConfigError with everything that is wrong
 */
export function readSettings(readers: readonly Reader[], sources: Sources): Settings {
  const { env, cwd, beneath, flags = readFlags([]) } = sources
  const file = readConfigFile({ flag: flags.config, env, cwd })
  const faults = [...(file?.faults ?? [])]
  const resolved = new Map<Key, Resolved>()
  for (const key of KEYS) {
    const inFile = file?.found.get(key)
    const read = settingOf(key).readers.some((reader) => readers.includes(reader))
    const found = read
      ? (attempt(faults, () => findInFlags(flags, key) ?? findInEnvironment(env, key)) ?? inFile)
      : undefined
    // What a path leads to matters to who reads it only.
    if (inFile && found !== inFile && settingOf(key).written !== 'path') check(key, inFile, faults)
    if (read) resolved.set(key, resolve(key, found ?? beneath?.get(key), faults))
  }
  const settings = settingsOf(resolved, flags, file)
  if (faults.length === 0) {
    const rules = RULES.filter((rule) => rule.readers.some((reader) => readers.includes(reader)))
    for (const { broken } of rules) {
      const fault = broken(settings)
      if (fault) faults.push(`${settings.origin(fault.key).name}: ${fault.why}`)
    }
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return settings
}

interface Resolved {
  readonly origin: Origin
  readonly written: unknown
  readonly value: unknown
}

function resolve(key: Key, found: Found | undefined, faults: string[]): Resolved {
  if (found) return { origin: found.origin, written: found.given, value: check(key, found, faults) }
  const { default: written, defaultText, schema } = settingOf(key)
  const value = written === undefined ? undefined : schema.parse(written)
  const name = defaultText === undefined ? 'default' : `default (${defaultText})`
  return { origin: { from: 'default', name }, written, value }
}

/** The value of what was found; undefined, and a fault more, when it is wrong. */
function check(key: Key, { given, label }: Found, faults: string[]): unknown {
  const read = settingOf(key).schema.safeParse(given)
  if (read.success) return read.data
  for (const issue of read.error.issues) {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
    faults.push(`${label(issue.path, unknown)}: ${issue.message}`)
  }
  return undefined
}

function findInFlags({ settings }: Flags, key: Key): Found | undefined {
  const text = settings.get(key)
  if (text === undefined) return undefined
  return foundText({ from: 'flag', name: flagOf(key) }, settingOf(key).written, text)
}

function attempt<T>(faults: string[], work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    faults.push((error as Error).message)
    return undefined
  }
}

function settingsOf(
  resolved: ReadonlyMap<Key, Resolved>,
  flags: Flags,
  file: ConfigFile | undefined,
): Settings {
  const of = (key: Key): Resolved => {
    const setting = resolved.get(key)
    if (!setting) throw new Error(`${key} is not declared to be read by this process`)
    return setting
  }
  const get = <K extends Key>(key: K) => of(key).value as Value<K>
  return Object.freeze({
    get,
    given: <K extends Key>(key: K) =>
      ['default', 'profile'].includes(of(key).origin.from) ? undefined : get(key),
    written: (key: Key) => of(key).written,
    origin: (key: Key) => of(key).origin,
    flags,
    file: file && { path: file.path, shown: file.shown },
  })
}
