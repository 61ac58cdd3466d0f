import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { EXIT } from '@backtide/cli/exit'
import { describe, expect, it } from 'vitest'
import { runCli } from '../cli/run-cli.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const OPERATIONS = readFileSync(`${ROOT}docs/operations.md`, 'utf8')

/** The packages whose processes read the environment. */
const PROCESSES = ['api', 'cli', 'stack', 'worker']

/** Names of variables in a text; those of other systems only where Backtide's configuration reads them. */
function variablesIn(text: string): readonly string[] {
  return text.match(/\b(?:BACKTIDE|QDB)_[A-Z0-9_]*[A-Z0-9]\b|\bAWS_ENDPOINT_[A-Z0-9_]+\b/g) ?? []
}

function variablesRead(): ReadonlySet<string> {
  const files = PROCESSES.flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`, { encoding: 'utf8', recursive: true })
      .filter((name) => /\.m?ts$|\.mjs$/.test(name))
      .map((name) => `${ROOT}${folder}/${name}`),
  )
  return new Set(files.flatMap((file) => variablesIn(readFileSync(file, 'utf8'))))
}

/** Variables with a row in the table of settings; `AWS_*` stands for all that begin so. */
function isDocumented(variable: string): boolean {
  const rows = OPERATIONS.split('\n').filter((line) => line.startsWith('| `'))
  const names = rows.flatMap((row) =>
    [...row.matchAll(/`([A-Z0-9_]+\*?)`/g)].map(([, name]) => name),
  )
  return names.some((name = '') =>
    name.endsWith('*') ? variable.startsWith(name.slice(0, -1)) : variable === name,
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
  it('has a row for every variable that a process reads', () => {
    const read = variablesRead()
    expect(read.size).toBeGreaterThan(15)
    expect([...read].filter((variable) => !isDocumented(variable))).toEqual([])
  })

  it('names no variable that nobody reads', () => {
    const read = variablesRead()
    const named = variablesIn(OPERATIONS).filter((variable) => !read.has(variable))
    expect(named).toEqual([])
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
