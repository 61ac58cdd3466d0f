// `backtide stop [--json]`: stops the local stack of a data folder from another terminal.
import { fileURLToPath } from 'node:url'
import { ConfigError } from '@backtide/config/config-error'
import { readFlags } from '@backtide/config/flags'
import { readSettings } from '@backtide/config/read-settings'
import { dataDirOf } from './config.ts'
import { sayOnStderr } from './say.ts'
import { StackError } from './stack-error.ts'
import { stopRunning } from './stop-running.ts'

try {
  const cwd = process.cwd()
  const flags = readFlags(process.argv.slice(2), cwd, ['json'])
  const settings = readSettings(['stop'], { env: process.env, flags, cwd })
  const dataDir = dataDirOf(settings, fileURLToPath(new URL('..', import.meta.url)))
  const stopped = await stopRunning(dataDir, sayOnStderr)
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ dataDir, stopped: stopped?.pid ?? null })}\n`)
  }
} catch (error) {
  sayOnStderr(error instanceof Error ? error.message : String(error))
  const wrong = error instanceof ConfigError ? 2 : 5
  process.exitCode = error instanceof StackError ? error.exitCode : wrong
}
// The channel to whoever called us would keep us.
if (process.connected) process.disconnect()
