import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Addresses } from './addresses.ts'
import { describeProcess, stillRuns, type KnownProcess } from './process-birth.ts'
import type { Say } from './say.ts'
import { StackError } from './stack-error.ts'

/** What the lock file of a data folder says. */
interface Held {
  readonly owner: KnownProcess
  readonly children: readonly KnownProcess[]
  readonly addresses?: Addresses
}

/** The right to run a stack on one data folder. */
export interface UpLock {
  /** Writes down what runs now and where. */
  note(children: readonly KnownProcess[], addresses?: Addresses): void
  release(): void
}

/**
 * Takes the data folder for this process. What a crashed run left behind is ended first.
 * @throws StackError with the addresses when another stack runs on the same data
 */
export async function takeLock(dataDir: string, say: Say): Promise<UpLock> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'up.lock')
  const owner = describeProcess('backtide up', process.pid)
  while (!tryCreate(file, { owner, children: [] })) {
    const held = read(file)
    if (held && stillRuns(held.owner)) throw alreadyRuns(dataDir, held)
    say('The last run did not end cleanly: cleaning up after it. Its data is kept.')
    await endAll(held?.children ?? [], say)
    rmSync(file, { force: true })
  }
  return {
    note: (children, addresses) =>
      replace(file, { owner, children, ...(addresses && { addresses }) }),
    release: () => rmSync(file, { force: true }),
  }
}

function alreadyRuns(dataDir: string, held: Held): StackError {
  const where = Object.entries(held.addresses ?? {}).map(([name, at]) => `  ${name}: ${at}`)
  return new StackError(
    [
      `Backtide already runs on ${dataDir}, as process ${held.owner.pid}.`,
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

function tryCreate(file: string, held: Held): boolean {
  try {
    writeFileSync(file, JSON.stringify(held), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function replace(file: string, held: Held): void {
  writeFileSync(`${file}.new`, JSON.stringify(held), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** Undefined when the file is not what we write, for example cut short by a full disk. */
function read(file: string): Held | undefined {
  try {
    const held: Held = JSON.parse(readFileSync(file, 'utf8'))
    return Number.isInteger(held.owner.pid) && Array.isArray(held.children) ? held : undefined
  } catch {
    return undefined
  }
}
