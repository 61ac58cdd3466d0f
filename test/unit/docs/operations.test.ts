import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { EXIT } from '@backtide/cli/exit'
import { settingsTable } from '@backtide/config/documents'
import { fileVariableOf, KEYS, settingOf } from '@backtide/config/settings'
import { describe, expect, it } from 'vitest'
import { runCli } from '../cli/run-cli.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const OPERATIONS = readFileSync(`${ROOT}docs/operations.md`, 'utf8')

/** Every variable that says something to Backtide. */
const DECLARED: ReadonlySet<string> = new Set([
  'CONFIG_PATH',
  ...KEYS.flatMap((key) => [...settingOf(key).variables, fileVariableOf(key) ?? []].flat()),
])

/** Names of variables in a text; those of other systems only where Backtide's configuration reads them. */
function variablesIn(text: string): readonly string[] {
  return text.match(/\b(?:BACKTIDE|QDB)_[A-Z0-9_]*[A-Z0-9]\b|\bAWS_ENDPOINT_[A-Z0-9_]+\b/g) ?? []
}

/** Code of processes, by file. */
function codeOf(folders: readonly string[]): readonly (readonly [string, string])[] {
  return folders.flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`, { encoding: 'utf8', recursive: true })
      .filter((name) => /\.m?ts$|\.mjs$/.test(name))
      .map(
        (name) => [`${folder}/${name}`, readFileSync(`${ROOT}${folder}/${name}`, 'utf8')] as const,
      ),
  )
}

describe('documents and help', () => {
  it('never call backtide through npx, which asks the registry for a name that anybody may take', () => {
    const pages = readdirSync(`${ROOT}docs`).filter((name) => name.endsWith('.md'))
    const documents = [
      'README.md',
      'CONTRIBUTING.md',
      'cli/main.ts',
      ...pages.map((name) => `docs/${name}`),
    ]
    const told = documents.flatMap((name) =>
      readFileSync(`${ROOT}${name}`, 'utf8')
        .split('\n')
        .filter((line) => /\bnpx (?:--?\S+ )*backtide\b/.test(line)),
    )
    expect(told).toEqual([])
  })
})

describe('docs/operations.md', () => {
  it('has the table of all settings, as they are declared', () => {
    const [, table = ''] = /<!-- settings -->([^]*)<!-- \/settings -->/.exec(OPERATIONS) ?? []
    expect(table.trim().split('\n').map(cellsOf)).toEqual(settingsTable().split('\n').map(cellsOf))
  })

  it('names no variable that nobody reads', () => {
    const compose = readFileSync(`${ROOT}docker-compose.yml`, 'utf8')
    const read = new Set([...DECLARED, ...variablesIn(compose)])
    expect(variablesIn(OPERATIONS).filter((variable) => !read.has(variable))).toEqual([])
  })

  it('and --help give every exit code, and no other', async () => {
    const codes = Object.values(EXIT).map(String)
    const { stdout } = await runCli(['--help'])
    for (const text of [OPERATIONS, stdout]) {
      const sentence = /Exit codes[^:]*: ([^.]*)\./.exec(text)?.[1] ?? ''
      expect(sentence.match(/\d+/g)).toEqual(codes)
    }
  })
})

/** Cells of a line of a table, however wide it is. */
function cellsOf(line: string): readonly string[] {
  return line.split('|').map((cell) => cell.trim().replace(/^-+$/, '---'))
}

describe('the code of processes', () => {
  it('names no variable that is not declared', () => {
    const named = codeOf(['api', 'cli', 'config', 'stack', 'worker']).flatMap(([, code]) =>
      variablesIn(code),
    )
    const other = new Set(named.filter((variable) => !DECLARED.has(variable)))
    expect([...other].filter((variable) => !OF_OTHERS.has(variable))).toEqual([])
  })

  it('reads the environment at its entry only', () => {
    const readers = codeOf([
      'activities',
      'api',
      'config',
      'datasets',
      'store',
      'worker',
      'workflows',
    ])
      .filter(([, code]) => code.includes('process.env'))
      .map(([file]) => file)
    expect(readers.toSorted()).toEqual(['api/main.ts', 'worker/main.ts'])
  })
})

/** Those of docker-compose.yml. */
const OF_OTHERS: ReadonlySet<string> = new Set(['BACKTIDE_POSTGRES_PASSWORD'])
