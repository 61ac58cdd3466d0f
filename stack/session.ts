import { fileURLToPath } from 'node:url'
import { ConfigError } from '@backtide/config/config-error'
import { readConfig, type StackConfig, type Told } from './config.ts'
import { addressTable, bringUp, type LocalStack } from './local-stack.ts'
import { describeProcess } from './processes/process-birth.ts'
import { createSupervisor, type Supervisor } from './processes/supervisor.ts'
import type { Say } from './say.ts'
import { StackError } from './stack-error.ts'
import { listenForStop } from './stop-signal.ts'
import { takeDataFolder } from './up-lock.ts'

/** What to do with a stack. */
export interface SessionOptions {
  readonly env: NodeJS.ProcessEnv
  /** Its command line, and the folder where a file of settings may lie. */
  readonly told?: Told
  /** Only the sample is to be loaded: AWS credentials are left alone. */
  readonly demo: boolean
  readonly say: Say
  /**
   * Works with the stack once it is up. A number ends the session with that exit code; undefined
   * leaves the stack up until somebody stops it. `stopping` is aborted when that happens meanwhile.
   */
  readonly work: (
    stack: LocalStack,
    config: StackConfig,
    stopping: AbortSignal,
  ) => Promise<number | undefined>
}

const INTERRUPTED = 130

/** The clone. */
const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * Brings a stack up, works with it, and stops it again, whatever happens. Returns the exit code: 0
 * when it was stopped after it was up, 130 before.
 */
export async function runSession(options: SessionOptions): Promise<number> {
  try {
    return await runOn(readConfig(options.env, ROOT, options.demo, options.told), options)
  } catch (error) {
    options.say(explain(error))
    if (error instanceof ConfigError) return 2
    return error instanceof StackError ? error.exitCode : 5
  }
}

async function runOn(config: StackConfig, { say, work }: SessionOptions): Promise<number> {
  const lock = await takeDataFolder(config.dataDir, say)
  let up: LocalStack | undefined
  const note = () =>
    lock.note({ children: known(supervisor), ...(up && { addresses: up.addresses }) })
  const supervisor = createSupervisor(say, note)
  const stop = listenForStop(say, async () => {
    await supervisor.kill()
    lock.release()
    process.exit(INTERRUPTED)
  })
  say(config.archive)
  try {
    up = await Promise.race([bringUp(config, ROOT, supervisor, say), stop.asked])
    if (!up) return INTERRUPTED
    note()
    say(`\nBacktide is up. Ctrl-C stops it.\n${addressTable(up, config.dataDir)}\n`)
    const code = await Promise.race([work(up, config, stop.signal), stop.asked])
    if (code !== undefined) return code
    await stop.asked
    return 0
  } finally {
    await supervisor.stop()
    stop.ignore()
    lock.release()
  }
}

function known(supervisor: Supervisor) {
  return supervisor.running().map(({ name, process: { pid } }) => describeProcess(name, pid ?? 0))
}

function explain(error: unknown): string {
  if (error instanceof StackError || error instanceof ConfigError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
