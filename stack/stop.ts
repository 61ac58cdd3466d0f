// `backtide stop [--json]`: stops the local stack of a data folder from another terminal.
import { fileURLToPath } from 'node:url'
import { dataDirOf } from './config.ts'
import { sayOnStderr } from './say.ts'
import { StackError } from './stack-error.ts'
import { stopRunning } from './stop-running.ts'

const dataDir = dataDirOf(process.env, fileURLToPath(new URL('..', import.meta.url)))
try {
  const stopped = await stopRunning(dataDir, sayOnStderr)
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ dataDir, stopped: stopped?.pid ?? null })}\n`)
  }
} catch (error) {
  sayOnStderr(error instanceof Error ? error.message : String(error))
  process.exitCode = error instanceof StackError ? error.exitCode : 5
}
// The channel to whoever called us would keep us.
if (process.connected) process.disconnect()
