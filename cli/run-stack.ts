import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findConfigFile, NO_FILE } from '@backtide/config/config-file'
import { readFlags, writeFlags } from '@backtide/config/flags'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs a program of the local stack as a process of its own, on our stdin, stdout and stderr, until it
 * ends; resolves with its exit code. It stops by itself when we are gone: the IPC channel closes.
 * @param words the command line without the program's name
 * @throws ConfigError for a flag there is not
 */
export function runStack(program: 'up' | 'stop', words: readonly string[]): Promise<number> {
  const cwd = process.cwd()
  const flags = readFlags(words, cwd, ['json'])
  // It runs in the clone: what is relative to this folder would mean something else there.
  const config = findConfigFile({ flag: flags.config, env: process.env, cwd }) ?? NO_FILE
  const args = writeFlags({ ...flags, config })
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
