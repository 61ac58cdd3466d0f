import { stringify } from 'yaml'
import { fileVariableOf, KEYS, SECTIONS, settingOf, type Key } from './settings.ts'
import { THEIRS } from './theirs.ts'

/** `.env.example`: every variable, with its default or an example of what it might be. */
export function envExample(): string {
  const settings = [...SECTIONS].map(([section, keys]) =>
    [`# ${section}`, ...keys.flatMap(envLines)].join('\n'),
  )
  const theirs = THEIRS.flatMap(({ name, about }) => [`# ${about}`, `#${name}=`])
  return `${[
    ENV_HEAD,
    ...settings,
    ['# Read by the SDKs of AWS and Temporal themselves', ...theirs].join('\n'),
    ENV_COMPOSE,
  ].join('\n\n')}\n`
}

const ENV_HEAD = `# Every variable that Backtide reads, with its default, or an example where it has none. Nothing has to be
# set. A copy called .env is read by docker compose; a shell reads it with: set -a; . ./.env; set +a
# A variable wins over backtide.yaml, a flag over both. Never commit a secret.

# A file of settings (backtide.example.yaml), instead of ./backtide.yaml
#CONFIG_PATH=backtide.yaml`

const ENV_COMPOSE = `# Read by docker-compose.yml alone: password of Temporal's PostgreSQL (the token where none is set), and how
# many containers each part of Temporal has
#BACKTIDE_POSTGRES_PASSWORD=
#TEMPORAL_SCALE=1`

function envLines(key: Key): readonly string[] {
  const { variables, about, defaultText, secret } = settingOf(key)
  const [variable, ...others] = variables
  const also = others.length > 0 ? `; ${others.join(', ')} stands in for it` : ''
  const unless = defaultText === undefined ? '' : ` (${defaultText})`
  const file = fileVariableOf(key)
  return [
    `# ${about}${unless}${also}`,
    `#${variable}=${quoted(suggestion(key))}`,
    ...(secret === undefined || file === undefined ? [] : [`#${file}=`]),
  ]
}

/** The default where it is the same everywhere, else what might be. */
function suggestion(key: Key): unknown {
  const { default: byDefault, defaultText, example } = settingOf(key)
  return defaultText === undefined ? (byDefault ?? example) : example
}

/** A value as a shell and docker compose read it. */
function quoted(value: unknown): string {
  if (value === undefined) return ''
  const list =
    Array.isArray(value) && typeof value[0] === 'string' ? value.join(',') : JSON.stringify(value)
  const text = typeof value === 'string' ? value : list
  return /^[\w.:/,@-]*$/.test(text) ? text : `'${text}'`
}

/** `backtide.example.yaml`: every setting that is no secret, all of them commented out. */
export function yamlExample(): string {
  const sections = [...SECTIONS].map(([section, keys]) =>
    keys.every((key) => key === section)
      ? keys.flatMap((key) => yamlLines(key, '')).join('\n')
      : [`${section}:`, ...keys.flatMap((key) => yamlLines(key, '  '))].join('\n'),
  )
  return `${[YAML_HEAD, ...sections].join('\n\n')}\n`
}

const YAML_HEAD = `# Every setting, with its default, or an example where it has none. A copy called backtide.yaml is read by all
# processes that start in its folder; --config and CONFIG_PATH name another. Flags and variables win over it.
# Paths are relative to the folder of the file. Secrets have no place here: they go into variables, or into
# files that variables name.`

function yamlLines(key: Key, indent: string): readonly string[] {
  const { about, defaultText, secret, variables } = settingOf(key)
  const name = key.replace(/.*\./, '')
  if (secret === 'whole') {
    return [`${indent}# ${name}, ${about}: ${variables[0]} or ${fileVariableOf(key)}`]
  }
  const unless = defaultText === undefined ? '' : ` (${defaultText})`
  const value = stringify({ [name]: suggestion(key) }).trimEnd()
  return [`${indent}# ${about}${unless}`, ...value.split('\n').map((line) => `${indent}# ${line}`)]
}

/** The table of settings in docs/operations.md. */
export function settingsTable(): string {
  const rows = KEYS.map((key) => {
    const { variables, about, secret } = settingOf(key)
    const inFile = secret === 'whole' ? 'a secret' : `\`${key}\``
    const [variable, ...others] = variables.map((name) => `\`${name}\``)
    const file = secret === undefined ? [] : ['`…_FILE`']
    return [inFile, [variable, ...file, ...others].join(', '), about, defaultOf(key)]
  })
  const head = [
    ['in `backtide.yaml`', 'variable', 'meaning', 'default'],
    ['---', '---', '---', '---'],
  ]
  return [...head, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function defaultOf(key: Key): string {
  const { default: byDefault, defaultText } = settingOf(key)
  if (defaultText !== undefined) return defaultText
  return byDefault === undefined ? '' : `\`${quoted(byDefault).replaceAll("'", '')}\``
}
