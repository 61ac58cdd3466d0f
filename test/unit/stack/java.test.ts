import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findJava, javaVersion } from '@backtide/stack/acquire/java'
import { describe, expect, it, onTestFinished } from 'vitest'

describe('the version of a Java', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['openjdk version "21" 2023-09-19', 21],
    ['java version "1.8.0_292"', 8],
    ['openjdk version "25-ea" 2026-09-16', 25],
    ['The operation couldn’t be completed. Unable to locate a Java Runtime.', undefined],
  ])('of %s is %s', (output, version) => {
    expect(javaVersion(output)).toBe(version)
  })
})

describe('finding a Java', () => {
  it('passes over one that is too old, for a newer one on PATH', async () => {
    const old = fakeJava('1.8.0_292')
    const fresh = fakeJava('17.0.1')
    const found = await findJava({ JAVA_HOME: old, PATH: join(fresh, 'bin') })
    expect(found).toBe(join(fresh, 'bin', 'java'))
  })

  it('says what to do when there is only an old one, or none', async () => {
    const env = { PATH: join(fakeJava('11.0.2'), 'bin') }
    await expect(findJava(env)).rejects.toThrow(
      /Java 17 or newer.*this is Java 11.*QDB_CLIENT_CONF/,
    )
    await expect(findJava({ PATH: '' })).rejects.toThrow(/Java 17 or newer.*install/i)
  })
})

function fakeJava(version: string): string {
  const home = mkdtempSync(join(tmpdir(), 'backtide-test-java-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  mkdirSync(join(home, 'bin'))
  const java = join(home, 'bin', 'java')
  writeFileSync(java, `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`)
  chmodSync(java, 0o755)
  return home
}
