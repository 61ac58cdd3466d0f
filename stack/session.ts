import { addressTable } from './addresses.ts'
import { readConfig, type StackConfig } from './config.ts'
import { createCrew } from './crew.ts'
import { bringUp, type LocalStack } from './local-stack.ts'
import { describeProcess } from './process-birth.ts'
import type { Say } from './say.ts'
import { StackError } from './stack-error.ts'
import { listenForStop } from './stop-signal.ts'
import { takeLock } from './up-lock.ts'

/** What to do with a stack. */
export interface SessionOptions {
  readonly env: NodeJS.ProcessEnv
  /** The clone. */
  readonly root: string
  /** The sample archive will be written to its S3. */
  readonly sample: boolean
  readonly say: Say
  /**
   * Works with the stack once it is up. A number ends the session with that exit code; undefined
   * leaves the stack up until somebody stops it.
   */
  readonly work: (stack: LocalStack, config: StackConfig) => Promise<number | undefined>
}

const INTERRUPTED = 130

/**
 * Brings a stack up, works with it, and stops it again, whatever happens. Returns the exit code: 0
 * when it was stopped after it was up, 130 before.
 */
export async function runSession(options: SessionOptions): Promise<number> {
  try {
    return await runOn(readConfig(options.env, options.root, options.sample), options)
  } catch (error) {
    options.say(explain(error))
    return error instanceof StackError ? error.exitCode : 5
  }
}

async function runOn(config: StackConfig, options: SessionOptions): Promise<number> {
  const { say, root } = options
  const lock = await takeLock(config.dataDir, say)
  let up: LocalStack | undefined
  const crew = createCrew(say, () => lock.note(crew.running().map(toKnown), up?.addresses))
  const stop = listenForStop(say, async () => {
    await crew.kill()
    lock.release()
    process.exit(INTERRUPTED)
  })
  try {
    up = await Promise.race([bringUp(config, root, crew, say), stop.asked])
    if (!up) return INTERRUPTED
    lock.note(crew.running().map(toKnown), up.addresses)
    say(`\nBacktide is up. Ctrl-C stops it.\n${addressTable(up.addresses, config.dataDir)}\n`)
    const code = await Promise.race([options.work(up, config), stop.asked])
    if (code !== undefined) return code
    await stop.asked
    return 0
  } finally {
    await crew.stop()
    stop.ignore()
    lock.release()
  }
}

function toKnown({
  name,
  process: { pid },
}: ReturnType<ReturnType<typeof createCrew>['running']>[number]) {
  return describeProcess(name, pid ?? 0)
}

function explain(error: unknown): string {
  if (error instanceof StackError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
