import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError } from './config-error.ts'
import { absolute } from './found.ts'
import { holdsSecret } from './mask.ts'
import { describeUnknown } from './only.ts'
import { fileVariableOf, flagOf, KEYS, settingOf, type Key } from './settings.ts'

/** What a command line says. */
export interface Flags {
  readonly settings: ReadonlyMap<Key, string>
  /** Path after `--config`, absolute. */
  readonly config?: string
  /** Flags without a value that were given, without their dashes. */
  readonly switches: ReadonlySet<string>
}

/** Settings by their flags. */
const BY_FLAG = new Map(KEYS.map((key) => [flagOf(key).slice(2), key] as const))

const FLAGS = [
  '--config',
  ...KEYS.filter((key) => settingOf(key).secret !== 'whole').map((key) => flagOf(key)),
]

/**
 * Reads a command line: a flag for each setting that is no secret, `--config`, and `switches` without a
 * value. Paths are relative to `cwd`.
 * @throws ConfigError naming every word that is none of them
 */
export function readFlags(
  argv: readonly string[],
  cwd = '',
  switches: readonly string[] = [],
): Flags {
  const valued = ['config', ...BY_FLAG.keys()]
  const options = Object.fromEntries([
    ...valued.map((name) => [name, { type: 'string' as const }]),
    ...switches.map((name) => [name, { type: 'boolean' as const }]),
  ])
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true })
  const faults = tokens.flatMap((token) => {
    if (token.kind !== 'option') return `${argv[token.index]} is no flag`
    if (switches.includes(token.name)) return []
    return refuseFlag(token.rawName, token.value) ?? []
  })
  if (faults.length > 0) throw new ConfigError(faults)
  const given = tokens.flatMap((token) => (token.kind === 'option' ? token : []))
  const settings = new Map<Key, string>()
  for (const { name, value = '' } of given) {
    const key = BY_FLAG.get(name)
    if (key) settings.set(key, settingOf(key).written === 'path' ? absolute(cwd, value) : value)
  }
  const config = given.findLast(({ name }) => name === 'config')?.value
  return {
    settings,
    switches: new Set(switches.filter((name) => given.some((token) => token.name === name))),
    ...(config && { config: resolve(cwd, config) }),
  }
}

/** What is wrong with a flag that has to have a value. */
function refuseFlag(flag: string, value: string | undefined): string | undefined {
  const key = BY_FLAG.get(flag.slice(2))
  if (key === undefined && flag !== '--config') return describeUnknown(flag, 'flag', FLAGS)
  if (!value) return `${flag} needs a value`
  if (key === undefined) return undefined
  const { secret, variables } = settingOf(key)
  if (secret !== 'whole' && !(secret === 'within' && holdsSecret(value))) return undefined
  return `${flag}: others can see a command line: put a secret into ${variables[0]} or ${fileVariableOf(key)}`
}

/** The flags as a command line, for a process elsewhere. */
export function writeFlags({ settings, config, switches }: Flags): readonly string[] {
  return [
    ...[...switches].map((name) => `--${name}`),
    ...(config === undefined ? [] : [`--config=${config}`]),
    ...[...settings].map(([key, text]) => `${flagOf(key)}=${text}`),
  ]
}
