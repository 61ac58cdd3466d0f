import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Writable } from 'node:stream'

/** Makes sure that process groups end with this process, even when it is killed. */
export interface Guard {
  /** From now on the group of this leader is ended when this process is gone. */
  add(leader: number): void
  /** The group has ended. */
  remove(leader: number): void
}

// One guardian for the whole process, like its stdout: it stands for this process being alive.
let guardian: Writable | undefined

/** The guard of this process. Its guardian starts with the first `add`. */
export const guard: Guard = {
  add: (leader) => tell(`+${leader}`),
  remove: (leader) => tell(`-${leader}`),
}

function tell(message: string): void {
  guardian ??= startGuardian()
  guardian.write(`${message}\n`)
}

function startGuardian(): Writable {
  const script = fileURLToPath(new URL('./guardian.mjs', import.meta.url))
  // A group of its own: what kills our group must not kill the guardian.
  const child = spawn(process.execPath, [script], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  })
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.unref()
  unrefPipe(child.stdin)
  return child.stdin
}

function unrefPipe(pipe: Writable): void {
  // A child's pipe is a socket, which its declared type does not say.
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref()
}
