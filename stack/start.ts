import type { StackConfig } from './config.ts'
import type { LocalStack } from './local-stack.ts'
import { runSampleBackfill } from './sample/backfill.ts'
import { fillArchive } from './sample/fill.ts'
import { sampleObjects } from './sample/sample-objects.ts'
import { sayOnStderr, type Say } from './say.ts'
import { runSession } from './session.ts'

/**
 * `npm start` and `npm run demo`: the stack, and a backfill over the made-up sample where database
 * and S3 are local ones. The demo ends when the backfill has; otherwise the stack stays up. Returns the
 * exit code.
 */
export function start({ demo }: { readonly demo: boolean }): Promise<number> {
  return runSession({
    env: process.env,
    told: { argv: process.argv.slice(2), own: 'demo', cwd: process.cwd() },
    demo,
    say: sayOnStderr,
    work: sampleWork({ demo, say: sayOnStderr }),
  })
}

/** Fills the sample's bucket and runs its backfill; a summary is a JSON object on stdout. */
function sampleWork({ demo, say }: { readonly demo: boolean; readonly say: Say }) {
  return async (
    { addresses, servers }: LocalStack,
    { token, noSample }: StackConfig,
    stopping: AbortSignal,
  ): Promise<number | undefined> => {
    if (noSample !== undefined || !servers.localS3) {
      say(noSample ?? 'The sample is not loaded: there is no local S3 gateway.')
      return undefined
    }
    const count = await fillArchive(servers.localS3, sampleObjects())
    say(`The sample is in the local S3 gateway: ${count} objects of 2025-01-01, made up.`)
    const ended = await runSampleBackfill({ api: addresses.api, token, say, stopping })
    if (ended === undefined) return undefined
    process.stdout.write(`${JSON.stringify(ended.summary)}\n`)
    if (ended.problem !== undefined) say(ended.problem)
    if (demo) return ended.problem === undefined ? 0 : 1
    say('Everything stays up until Ctrl-C.')
    return undefined
  }
}
