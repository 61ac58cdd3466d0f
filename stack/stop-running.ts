import { setTimeout as delay } from 'node:timers/promises'
import { stillRuns, type KnownProcess } from './processes/process-birth.ts'
import type { Say } from './say.ts'
import { StackError } from './stack-error.ts'
import { findRunning, isTaken, takeDataFolder } from './up-lock.ts'

/** Longer than worker, API and servers take together before they are killed. */
const PATIENCE_MS = 150_000

const POLL_MS = 250

/** How often it is said what is waited for, when nothing changes. */
const SAY_EVERY_MS = 5_000

/**
 * Asks the stack on a data folder to stop, and waits until it has; resolves to its process, to undefined
 * when none ran. Only the stack's own process is sent a signal, and it ends its servers in order.
 * @throws StackError when it cannot be asked, or has not ended in time; it is left alone then
 */
export async function stopRunning(
  dataDir: string,
  say: Say,
  patienceMs = PATIENCE_MS,
): Promise<KnownProcess | undefined> {
  const owner = findRunning(dataDir)?.owner
  if (!owner) {
    if (isTaken(dataDir)) await cleanUp(dataDir, say)
    say(`Nothing runs on ${dataDir}.`)
    return undefined
  }
  ask(owner, dataDir)
  say(`Stopping Backtide on ${dataDir} (process ${owner.pid}) …`)
  await ended(owner, dataDir, say, patienceMs)
  say('Stopped.')
  return owner
}

/** A run that crashed may have left servers; who takes the folder ends them. */
async function cleanUp(dataDir: string, say: Say): Promise<void> {
  const lock = await takeDataFolder(dataDir, say)
  lock.release()
}

function ask({ pid, born }: KnownProcess, dataDir: string): void {
  if (born === '') {
    throw new StackError(
      `Process ${pid} has ${dataDir}, and there is no "ps" here to tell whether it still is Backtide: stop it where it runs, with Ctrl-C.`,
    )
  }
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return
    throw new StackError(
      `Process ${pid} on ${dataDir} is somebody else's: stop it as the user who started it.`,
      4,
      { cause: error },
    )
  }
}

async function ended(
  owner: KnownProcess,
  dataDir: string,
  say: Say,
  patienceMs: number,
): Promise<void> {
  const started = Date.now()
  let said = { what: '', at: started }
  while (stillRuns(owner)) {
    const what = waitedFor(dataDir)
    const seconds = Math.round((Date.now() - started) / 1000)
    if (Date.now() - said.at > (what === said.what ? SAY_EVERY_MS : 1_000)) {
      say(`Waiting for ${what} … ${seconds} s`)
      said = { what, at: Date.now() }
    }
    if (Date.now() - started > patienceMs) {
      throw new StackError(
        `Process ${owner.pid} has not ended in ${seconds} s: it waits for ${what}. Its logs are in ${dataDir}; if it has to go, kill -9 ${owner.pid} ends it and all it started.`,
      )
    }
    await delay(POLL_MS)
  }
}

/** The servers that the stack still has. */
function waitedFor(dataDir: string): string {
  const names = findRunning(dataDir)?.children.map(({ name }) => name) ?? []
  return names.length > 0 ? names.join(', ') : 'its process'
}
