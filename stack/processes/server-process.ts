import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readableLine } from '@backtide/core/log-line'
import { guard } from './guard.ts'
import { limitLog, openLog } from './log-file.ts'
import { StackError } from '../stack-error.ts'

/** What to run, and how to end it. */
export interface ProcessSpec {
  /** How people call it. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Ours when absent. */
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Takes stdout and stderr; see log-file.ts. */
  readonly logFile: string
  /** Time between SIGTERM and SIGKILL, milliseconds. */
  readonly graceMs?: number
  /** Opens an IPC channel, for children that report when they are ready. */
  readonly ipc?: boolean
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Set when it could not be started at all. */
  readonly error?: Error
}

/** A process in a group of its own, which ends with ours whatever happens. */
export interface RunningProcess extends AsyncDisposable {
  readonly name: string
  readonly process: ChildProcess
  readonly logFile: string
  readonly exited: Promise<Exit>
  /** SIGTERM, then SIGKILL after the grace time; resolves when it has ended. */
  stop(): Promise<void>
  /** SIGKILL for the whole group; resolves when it has ended. */
  kill(): Promise<void>
}

/** Starts a process. Failing to start shows as `exited`, never as an exception. */
export function startProcess(spec: ProcessSpec): RunningProcess {
  const child = launch(spec)
  const leader = child.pid
  const limit = limitLog(spec.logFile)
  if (leader !== undefined) guard.add(leader)
  openGate(child)
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', (error) => resolve({ code: null, signal: null, error }))
  })
  const kill = async () => {
    signalGroup(leader, 'SIGKILL')
    await exited
  }
  const stop = () => endGently(leader, exited, spec.graceMs ?? 10_000, kill)
  void exited.then(() => {
    limit.stop()
    // What the leader left in its group has no business staying.
    signalGroup(leader, 'SIGKILL')
    if (leader !== undefined) guard.remove(leader)
  })
  const { name, logFile } = spec
  return { name, process: child, logFile, exited, stop, kill, [Symbol.asyncDispose]: stop }
}

/**
 * Waits until `probe` says true, asking every 50 ms; a probe that throws counts as not yet.
 * @throws StackError with the end of its log when the process ends first or takes too long
 */
export async function waitUntilReady(
  running: RunningProcess,
  probe: () => Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  let ended: Exit | undefined
  void running.exited.then((exit) => (ended = exit))
  while (!(await probe().catch(() => false))) {
    if (ended) throw new StackError(explainExit(running, ended))
    if (Date.now() > deadline) {
      await running.kill()
      throw new StackError(
        `${running.name} is not ready after ${timeoutMs / 1000} s.\n${logTail(running)}`,
      )
    }
    await delay(50)
  }
}

/** One sentence on how a process ended, with the end of its log. */
export function explainExit(running: RunningProcess, exit: Exit): string {
  if (exit.error) return `${running.name} cannot be started: ${exit.error.message}`
  const how = exit.signal ? `was ended by ${exit.signal}` : `ended with code ${exit.code}`
  return `${running.name} ${how}.\n${logTail(running)}`
}

// The program starts when a line comes in, which is after its group is registered: were we killed
// between the two, nobody would know of it. Without a line, for we are gone, it does not start.
const GATE = 'read -r go && exec "$@" </dev/null'

function openGate(child: ChildProcess): void {
  child.stdin?.on('error', () => {})
  child.stdin?.end('go\n')
}

function launch(spec: ProcessSpec): ChildProcess {
  mkdirSync(dirname(spec.logFile), { recursive: true })
  const log = openLog(spec.logFile)
  try {
    return spawn('sh', ['-c', GATE, spec.name, spec.command, ...spec.args], {
      detached: true,
      stdio: spec.ipc ? ['pipe', log, log, 'ipc'] : ['pipe', log, log],
      ...(spec.env ? { env: spec.env } : {}),
      ...(spec.cwd ? { cwd: spec.cwd } : {}),
    })
  } finally {
    closeSync(log)
  }
}

async function endGently(
  leader: number | undefined,
  exited: Promise<Exit>,
  graceMs: number,
  kill: () => Promise<void>,
): Promise<void> {
  signalLeader(leader, 'SIGTERM')
  const timer = new AbortController()
  const late = delay(graceMs, 'late' as const, { signal: timer.signal }).catch(() => undefined)
  const first = await Promise.race([exited, late])
  timer.abort()
  if (first === 'late') await kill()
}

function signalLeader(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return
  try {
    process.kill(leader, signal)
  } catch {
    // It has ended already.
  }
}

function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader !== undefined) signalLeader(-leader, signal)
}

function logTail(running: RunningProcess): string {
  const lines = existsSync(running.logFile)
    ? readFileSync(running.logFile, 'utf8').trimEnd().split('\n').slice(-15)
    : []
  return [
    ...lines.map((line) => `  | ${readableLine(line).trimEnd().slice(0, 300)}`),
    `Whole log: ${running.logFile}`,
  ].join('\n')
}
