import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs a program of the local stack as a process of its own, on our stdin, stdout and stderr, until it
 * ends; resolves with its exit code. It stops by itself when we are gone: the IPC channel closes.
 */
export function runStack(program: 'up' | 'stop', args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', `stack/${program}.ts`, ...args], {
    cwd: ROOT,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  })
  // The stack stops itself in order; we only wait for it.
  const forward = (signal: NodeJS.Signals) => void child.kill(signal)
  for (const signal of SIGNALS) process.on(signal, forward)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      for (const signal of SIGNALS) process.off(signal, forward)
      resolve(code ?? 130)
    })
  })
}
