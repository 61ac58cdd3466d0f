import { childEnv } from '@backtide/stack/processes/child-env'
import type { LocalStack } from '@backtide/stack/local-stack'
import { runSession } from '@backtide/stack/session'
import { createServer } from 'node:net'
import { expect } from 'vitest'
import { waitUntil } from './wait-until.ts'

/**
 * A local stack over a folder, as people get it, up for the work and stopped in order after it. One at a
 * time on this machine: two that start at once may choose the same of the ports that people know.
 */
export async function withStack<T>(
  dataDir: string,
  work: (stack: LocalStack) => Promise<T>,
): Promise<T> {
  await using turn = await takeTurn()
  void turn
  const { XDG_CACHE_HOME = '' } = process.env
  const said: string[] = []
  let result: PromiseSettledResult<T> | undefined
  const code = await runSession({
    env: childEnv({ BACKTIDE_DATA_DIR: dataDir, XDG_CACHE_HOME }),
    demo: true,
    say: (line) => said.push(line),
    work: async (stack) => {
      ;[result] = await Promise.allSettled([work(stack)])
      return 0
    },
  })
  if (result?.status === 'rejected') throw result.reason
  expect(code, said.join('\n')).toBe(0)
  expect(said.filter((line) => line.includes('clean point'))).toEqual([])
  if (!result) throw new Error('the stack was not up')
  return result.value
}

/** Below those that tests and systems give to anyone. */
const TURN_PORT = 17_999

/** A port to listen on is given up even by a process that is killed. */
async function takeTurn(): Promise<AsyncDisposable> {
  const server = createServer()
  await waitUntil(
    'other tests of a whole stack',
    () =>
      new Promise<boolean>((resolve) => {
        server.once('error', () => resolve(false))
        server.listen({ port: TURN_PORT, host: '127.0.0.1', exclusive: true }, () => resolve(true))
      }),
    200_000,
  )
  return {
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}
