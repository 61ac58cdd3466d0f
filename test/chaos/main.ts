// `npm run chaos -- --minutes 10 --seed 7`: breaks everything that can break, then looks whether the
// tables hold what the archive says. Its last line of stdout is JSON; 1 is a difference.
import { acquirePrograms } from '@backtide/stack/acquire/programs'
import { sayOnStderr } from '@backtide/stack/say'
import { StackError } from '@backtide/stack/stack-error'
import { listenForStop } from '@backtide/stack/stop-signal'
import { readOptions, UsageError } from './options.ts'
import { runChaos } from './run.ts'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
process.exit(await main())

async function main(): Promise<number> {
  // What runs ends with this process: its guardian sees to it.
  const { signal } = listenForStop(sayOnStderr, async () => process.exit(130))
  try {
    const options = readOptions(process.argv.slice(2))
    const programs = await acquirePrograms({ env: process.env })
    const summary = await runChaos({ ...options, programs, say: sayOnStderr, signal })
    process.stdout.write(`${JSON.stringify(summary)}\n`)
    return summary.wrongRows + summary.wrongStates > 0 ? 1 : 0
  } catch (error) {
    if (signal.aborted) return 130
    if (error instanceof UsageError) return complain(error.message, 2)
    if (error instanceof StackError) return complain(error.message, error.exitCode)
    return complain(error instanceof Error ? (error.stack ?? error.message) : String(error), 5)
  }
}

function complain(message: string, code: number): number {
  sayOnStderr(message)
  return code
}
