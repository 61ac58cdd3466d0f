import { fillArchive } from '@backtide/stack/sample/fill'
import { runSampleBackfill } from '@backtide/stack/sample/backfill'
import { sampleObjects } from '@backtide/stack/sample/sample-objects'
import { childEnv } from '@backtide/stack/processes/child-env'
import { runSession } from '@backtide/stack/session'
import type { LocalStack } from '@backtide/stack/local-stack'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const RANGE = 'dataset=sample.l2_book&coins=BTC,ETH,kPEPE&from=2025-01-01&to=2025-01-02'

let dataDir: string

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'backtide-test-stack-'))
})

afterAll(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }))

it('leaves nothing unverified of what was loaded just before it was stopped', async () => {
  const loaded = await session(async ({ addresses, servers }) => {
    if (!servers.localS3) throw new Error('the gateway is not a local one')
    await fillArchive(servers.localS3, sampleObjects())
    return await runSampleBackfill({
      api: addresses.api,
      say: () => {},
      stopping: new AbortController().signal,
    })
  })
  const coverage = await session(async ({ addresses }) => {
    const answer = await fetch(`${addresses.api}/coverage?${RANGE}`)
    return await answer.json()
  })
  expect(loaded?.problem).toBeUndefined()
  expect(loaded?.summary.objects).toMatchObject({ complete: 68 })
  expect(coverage).toMatchObject({ counts: loaded?.summary.objects, unknown: 0 })
  expect(coverage).not.toHaveProperty('counts.unverified')
})

/** A stack of its own over the folder, up for the work and stopped in order after it. */
async function session<T>(work: (stack: LocalStack) => Promise<T>): Promise<T | undefined> {
  const { XDG_CACHE_HOME = '' } = process.env
  const env = childEnv({ BACKTIDE_DATA_DIR: dataDir, XDG_CACHE_HOME })
  const said: string[] = []
  let result: T | undefined
  const code = await runSession({
    env,
    demo: true,
    say: (line) => said.push(line),
    work: async (stack) => {
      result = await work(stack)
      return 0
    },
  })
  expect(code, said.join('\n')).toBe(0)
  expect(said.filter((line) => line.includes('clean point'))).toEqual([])
  return result
}
