import { execFileSync } from 'node:child_process'
import { childEnv } from './child-env.ts'

/** A process that stays the same one: ids are used again, ids with a start time are not. */
export interface KnownProcess {
  readonly name: string
  readonly pid: number
  /** When it started, as the system tells it; empty where the system does not. */
  readonly born: string
}

/** Describes a process that runs now. */
export function describeProcess(name: string, pid: number): KnownProcess {
  return { name, pid, born: bornAt(pid) }
}

/** Whether this very process still runs. */
export function stillRuns({ pid, born }: KnownProcess): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Not allowed to signal it: it runs, as somebody else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return bornAt(pid) === born
}

function bornAt(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], {
      encoding: 'utf8',
      env: childEnv({ LC_ALL: 'C', TZ: 'UTC' }),
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}
