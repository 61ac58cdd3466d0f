import { homedir } from 'node:os'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cached, type Fill } from './cache.ts'
import { sayOnStderr, sayWhile, type Say } from '../say.ts'
import { StackError } from '../stack-error.ts'

/** What acquiring needs to know. */
export interface AcquireOptions {
  /** For `PATH`, the cache (`XDG_CACHE_HOME`, `HOME`) and the tools that build. */
  readonly env: NodeJS.ProcessEnv
  /** Stderr when absent. */
  readonly say?: Say
}

/** One way to get something into a folder. */
export interface Way {
  /** For people: `building Temporal 1.5.1 with go install (about 4 minutes)`. */
  readonly what: string
  readonly fill: Fill
}

/** Something to be had, and the ways to it, best first. */
export interface Wanted {
  /** `Temporal 1.5.1` */
  readonly title: string
  /** Folder in the cache: `temporal-1.5.1` */
  readonly folder: string
  /** The file wanted, inside the folder. */
  readonly file: string
  readonly ways: readonly Way[]
  /** What to do when none of them works. */
  readonly remedy: string
}

/** Where servers are kept, outside of the clone: `$XDG_CACHE_HOME/backtide` or `~/.cache/backtide`. */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'backtide')
}

/**
 * Path of the wanted file: from the cache, else by the first way that works.
 * @throws StackError with the remedy when none does
 */
export async function acquire(wanted: Wanted, options: AcquireOptions): Promise<string> {
  const say = options.say ?? sayOnStderr
  const root = cacheRoot(options.env)
  const folder = await cached(root, wanted.folder, (draft) => tryAll(wanted, draft, say), say)
  return join(folder, wanted.file)
}

async function tryAll(wanted: Wanted, draft: string, say: Say): Promise<void> {
  const failures: string[] = []
  for (const way of wanted.ways) {
    try {
      await sayWhile(say, way.what, way.fill(draft))
      if (existsSync(join(draft, wanted.file))) return
      failures.push(`${way.what}: gave no ${wanted.file}`)
    } catch (error) {
      failures.push(`${way.what}: ${reason(error)}`)
    }
    say(`${failures.at(-1)?.split('\n')[0]}`)
  }
  throw new StackError(
    [`${wanted.title} is not to be had. ${wanted.remedy}`, ...failures].join('\n'),
  )
}

/** fetch says only `fetch failed`; what it means is in the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
