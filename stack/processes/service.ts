import { resolve } from 'node:path'
import { startProcess, waitUntilReady, type RunningProcess } from './server-process.ts'

/** A program of ours: a file that sends `ready` over IPC once it works. */
export interface ServiceOptions {
  readonly name: string
  /** The clone: where it runs. */
  readonly root: string
  /** TypeScript, or a bundle; relative to the clone. */
  readonly entry: string
  readonly env: NodeJS.ProcessEnv
  readonly logFile: string
}

/**
 * Starts a service and waits until it says that it is ready.
 * @throws StackError with the end of its log when it does not get there
 */
export async function startService(options: ServiceOptions): Promise<RunningProcess> {
  const entry = resolve(options.root, options.entry)
  const running = startProcess({
    name: options.name,
    command: process.execPath,
    args: [...(entry.endsWith('.ts') ? ['--import', 'tsx'] : []), entry],
    cwd: options.root,
    env: { ...LESS_MEMORY, ...options.env },
    logFile: options.logFile,
    // Longer than a worker takes to let its loads go.
    graceMs: 45_000,
    ipc: true,
  })
  let ready = false
  running.process.on('message', (message) => (ready ||= message === 'ready'))
  await waitUntilReady(running, async () => ready, 120_000)
  return running
}

/**
 * glibc gives threads arenas of their own, and keeps what is free in each: with two it is 50 MB less
 * (docs/performance.md). Elsewhere it means nothing. https://man7.org/linux/man-pages/man3/mallopt.3.html
 */
const LESS_MEMORY = { MALLOC_ARENA_MAX: '2' }
