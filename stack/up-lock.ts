import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Addresses } from './local-stack.ts'
import { stillRuns, type KnownProcess } from './processes/process-birth.ts'
import {
  readProcessLock,
  takeProcessLock,
  type Held,
  type ProcessLock,
} from './processes/process-lock.ts'
import type { Say } from './say.ts'
import { StackError } from './stack-error.ts'

/** What runs on a data folder, and where it is. */
export interface Running {
  readonly children: readonly KnownProcess[]
  readonly addresses?: Addresses
}

/** The stack that runs on a data folder, and its process; undefined when none does. */
export function findRunning(dataDir: string): Held<Running> | undefined {
  return readProcessLock<Running>(lockFile(dataDir))
}

/** Whether somebody has the data folder, or had it and did not give it back. */
export function isTaken(dataDir: string): boolean {
  return existsSync(lockFile(dataDir))
}

function lockFile(dataDir: string): string {
  return join(dataDir, 'up.lock')
}

/**
 * Takes the data folder for this process. What a crashed run left behind is ended first.
 * @throws StackError with the addresses when another stack runs on the same data
 */
export async function takeDataFolder(dataDir: string, say: Say): Promise<ProcessLock<Running>> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const nothing: Running = { children: [] }
  return await takeProcessLock(lockFile(dataDir), 'backtide up', nothing, {
    held: async (by) => {
      throw alreadyRuns(dataDir, by)
    },
    leftBehind: async (by) => {
      say('The last run did not end cleanly: cleaning up after it. Its data is kept.')
      await endAll(by?.children ?? [], say)
    },
  })
}

function alreadyRuns(dataDir: string, { owner, addresses }: Held<Running>): StackError {
  const where = Object.entries(addresses ?? {}).map(([name, at]) => `  ${name}: ${at}`)
  return new StackError(
    [
      `Backtide already runs on ${dataDir}, as process ${owner.pid}.`,
      'Use that one, stop it, or set BACKTIDE_DATA_DIR to another folder.',
      ...where,
    ].join('\n'),
  )
}

/** Ends what is left of a crashed run: its servers hold ports and data. */
async function endAll(children: readonly KnownProcess[], say: Say): Promise<void> {
  const left = children.filter(stillRuns)
  for (const child of left) {
    say(`${child.name} (process ${child.pid}) still runs: stopping it.`)
    signal(child, 'SIGTERM')
  }
  const deadline = Date.now() + 15_000
  while (left.some(stillRuns) && Date.now() < deadline) await delay(100)
  for (const child of left.filter(stillRuns)) signal(child, 'SIGKILL')
}

function signal(child: KnownProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-child.pid, name)
  } catch {
    // It has just ended.
  }
}
