import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const PREPARE = fileURLToPath(new URL('../../../scripts/prepare.mjs', import.meta.url))

const RESOLVED_AFRESH = 'install --no-package-lock --loglevel=error --omit=dev'

describe('installing the packages', () => {
  it('asks npm once when every native package works, and not again', async () => {
    const clone = createClone({ ci: {} })
    expect(await prepare(clone)).toMatchObject({ code: 0 })
    expect(await prepare(clone)).toEqual({ code: 0, said: '' })
    expect(npmCalls(clone)).toEqual(['ci --loglevel=error --omit=dev'])
  })

  it('adds what only tests need when it is asked for, and leaves it there', async () => {
    const clone = createClone({ ci: {} })
    for (const option of ['--omit=dev', '--include=dev', '--include=dev', '--omit=dev']) {
      expect(await prepare(clone, option)).toMatchObject({ code: 0 })
    }
    expect(npmCalls(clone)).toEqual([
      'ci --loglevel=error --omit=dev',
      'ci --loglevel=error --include=dev',
    ])
  })

  it('resolves afresh without the lockfile when npm left a binary out, and names the package', async () => {
    const clone = createClone({ ci: { '@swc/core': MISSING }, install: {} })
    const { code, said } = await prepare(clone)
    expect(code).toBe(0)
    expect(said).toMatch(/Not usable on \w+ \w+ .*: @swc\/core\. Resolving .*\nInstalled in/)
    expect(npmCalls(clone).slice(1)).toEqual([RESOLVED_AFRESH])
    expect(await prepare(clone)).toEqual({ code: 0, said: '' })
  })

  it.each(['lz4-napi', '@temporalio/core-bridge', '@swc/core', 'esbuild'])(
    'notices that %s does not work',
    async (name) => {
      const clone = createClone({ ci: { [name]: MISSING }, install: {} })
      expect((await prepare(clone)).said).toContain(`: ${name}. Resolving`)
    },
  )

  it('gives up when there is no binary for this system, and tries again at the next start', async () => {
    const clone = createClone({ ci: { esbuild: '' }, install: { esbuild: MISSING } })
    const { code, said } = await prepare(clone)
    expect(code).toBe(4)
    expect(said).toMatch(/These packages have no binary that works on \w+ \w+: esbuild\./)
    expect(existsSync(join(clone, 'node_modules', '.package-lock.json'))).toBe(false)
  })
})

/** What a package whose binary is not there does when it is loaded. */
const MISSING = 'throw new Error("Cannot find native binding")'

const WORKING = {
  'lz4-napi': 'exports.compressFrameSync = () => {}',
  '@temporalio/core-bridge': '',
  '@swc/core': 'exports.transformSync = () => {}',
  esbuild: 'exports.transformSync = () => {}',
}

type Packages = Readonly<Record<string, string>>

/** A clone, and an npm that installs these packages, other than working ones, by command. */
function createClone(installs: Readonly<Record<string, Packages>>): string {
  const clone = mkdtempSync(join(tmpdir(), 'backtide-test-clone-'))
  onTestFinished(() => rmSync(clone, { recursive: true }))
  mkdirSync(join(clone, 'scripts'))
  cpSync(PREPARE, join(clone, 'scripts', 'prepare.mjs'))
  writeFileSync(join(clone, 'package-lock.json'), '{}')
  const sets = Object.entries(installs).map(([command, odd]) => [command, { ...WORKING, ...odd }])
  writeFileSync(
    join(clone, 'npm.cjs'),
    `const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs')
     appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n')
     const packages = ${JSON.stringify(Object.fromEntries(sets))}[process.argv[2]]
     for (const [name, source] of Object.entries(packages)) {
       mkdirSync('node_modules/' + name, { recursive: true })
       writeFileSync('node_modules/' + name + '/index.js', source)
     }
     const dev = process.argv.includes('--include=dev') ? { dev: true } : {}
     writeFileSync('node_modules/.package-lock.json', JSON.stringify(dev, null, 2))`,
  )
  return clone
}

function prepare(
  clone: string,
  option = '--omit=dev',
): Promise<{ readonly code: number; readonly said: string }> {
  const script = join(clone, 'scripts', 'prepare.mjs')
  const env = { PATH: process.env.PATH, npm_execpath: join(clone, 'npm.cjs') }
  return new Promise((resolve) => {
    execFile(process.execPath, [script, option], { env }, (error, _, said) =>
      resolve({ code: Number(error?.code ?? 0), said }),
    )
  })
}

function npmCalls(clone: string): string[] {
  return readFileSync(join(clone, 'npm-calls'), 'utf8').trimEnd().split('\n')
}
