import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { madeBundles } from '@backtide/worker/bundles'
import { ConfigError } from '@backtide/config/config-error'
import { temporaryFolder } from '@backtide/worker/temporary-folder'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backtide-test-folders-'))
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })
})

describe('Bundles that were made before', () => {
  it('are taken as they are, and stay', async () => {
    const files = { workflows: join(folder, 'workflows.js'), decoder: join(folder, 'decoder.cjs') }
    for (const file of Object.values(files)) writeFileSync(file, '')
    const bundles = madeBundles(folder)
    expect(bundles).toMatchObject({ folder, ...files })
    await bundles.remove()
    expect(existsSync(files.workflows)).toBe(true)
  })

  it('are missed with the command that makes them', () => {
    writeFileSync(join(folder, 'workflows.js'), '')
    expect(() => madeBundles(folder)).toThrow(ConfigError)
    const decoder = join(folder, 'decoder.cjs')
    expect(() => madeBundles(folder)).toThrow(`BACKTIDE_BUNDLES: ${decoder} is not there`)
    expect(() => madeBundles(folder)).toThrow('node --import tsx worker/bundle.ts')
  })
})

describe('A temporary folder', () => {
  it('comes with the end of those whose process is gone', () => {
    const orphan = made(spawnSync('true').pid)
    expect(existsSync(temporaryFolder('thing'))).toBe(true)
    expect(existsSync(orphan)).toBe(false)
  })

  it('leaves alone what others use, here or on another machine', () => {
    const gone = spawnSync('true').pid
    const kept = [made(process.ppid), made(process.pid), made(gone, 'elsewhere')]
    const other = temporaryFolder('other')
    temporaryFolder('thing')
    expect([...kept, other].map((path) => existsSync(path))).toEqual([true, true, true, true])
  })

  it('of an earlier process with the id of this one goes too', () => {
    const orphan = made(process.pid)
    utimesSync(orphan, 1, 1)
    temporaryFolder('thing')
    expect(existsSync(orphan)).toBe(false)
  })
})

function made(pid: number | undefined, host = hostname()): string {
  const path = join(folder, `backtide-thing-${host}-${pid}-abc`)
  mkdirSync(path)
  return path
}
