import { childEnv } from '@backtide/stack/processes/child-env'
import type { LocalStack } from '@backtide/stack/local-stack'
import { runSession } from '@backtide/stack/session'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { listeningPorts } from './listening-ports.ts'

/** A local stack of its own, as people get it, and all the ports that it listens on. */
export async function withStack(
  work: (stack: LocalStack, ports: readonly number[]) => Promise<void>,
): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'backtide-test-hostile-'))
  const { XDG_CACHE_HOME = '' } = process.env
  const said: string[] = []
  let failure: unknown
  const code = await runSession({
    env: childEnv({ BACKTIDE_DATA_DIR: dataDir, XDG_CACHE_HOME }),
    demo: true,
    say: (line) => said.push(line),
    work: async (stack) => {
      const { api, metrics } = stack.addresses
      const ours = [api, metrics].map((url) => Number(new URL(url).port))
      await work(stack, [...ours, ...listeningPorts(dataDir)]).catch((error: unknown) => {
        failure = error
      })
      return 0
    },
  })
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 })
  if (failure !== undefined) throw failure
  expect(code, said.join('\n')).toBe(0)
}
