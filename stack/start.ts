import type { StackConfig } from './config.ts'
import type { LocalStack } from './local-stack.ts'
import { runSampleBackfill } from './sample/backfill.ts'
import { fillArchive } from './sample/fill.ts'
import { sampleObjects } from './sample/sample-objects.ts'
import { sayOnStderr, type Say } from './say.ts'
import type { S3Address } from './servers/s3-client.ts'
import { runSession } from './session.ts'
import { StackError } from './stack-error.ts'

/**
 * `npm start` and `npm run demo`: the stack with the sample archive in it and a backfill over it.
 * The demo ends when the backfill has; otherwise the stack stays up. Returns the exit code.
 */
export function start({ demo }: { readonly demo: boolean }): Promise<number> {
  return runSession({
    env: process.env,
    sample: true,
    say: sayOnStderr,
    work: sampleWork({ demo, say: sayOnStderr }),
  })
}

/** Fills the archive and runs the sample backfill; its summary is a JSON object on stdout. */
function sampleWork({ demo, say }: { readonly demo: boolean; readonly say: Say }) {
  return async (
    stack: LocalStack,
    { token, writableS3 }: StackConfig,
    stopping: AbortSignal,
  ): Promise<number | undefined> => {
    const count = await fillArchive(sampleTarget(stack, writableS3), sampleObjects())
    say(`The sample archive is in S3: ${count} objects of 2025-01-01.`)
    const ended = await runSampleBackfill({ api: stack.addresses.api, token, say, stopping })
    if (ended === undefined) return undefined
    process.stdout.write(`${JSON.stringify(ended.summary)}\n`)
    if (ended.problem !== undefined) say(ended.problem)
    if (demo) return ended.problem === undefined ? 0 : 1
    say('Everything stays up until Ctrl-C.')
    return undefined
  }
}

/** The local gateway, or the configured service with the credentials configured for it. */
function sampleTarget({ servers }: LocalStack, configured: S3Address | undefined): S3Address {
  const target = servers.localS3 ?? configured
  if (target) return target
  throw new StackError(
    'The sample archive is written to AWS_ENDPOINT_URL_S3: set AWS_ACCESS_KEY_ID and ' +
      'AWS_SECRET_ACCESS_KEY for it, or unset it and a local gateway is used.',
    2,
  )
}
