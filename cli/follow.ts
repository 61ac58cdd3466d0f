import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Backfill } from './answers.ts'
import type { Context } from './context.ts'
import { CliError, EXIT, type ExitCode } from './exit.ts'
import { createProgress, type Progress } from './progress.ts'

/** Time between two looks, in milliseconds. */
const INTERVAL = 1_000
/** How long the API may be away before following gives up, in milliseconds. */
const PATIENCE = 60_000

const OPEN: ReadonlySet<string> = new Set(['running', 'paused'])

/**
 * Follows a backfill to its end and returns its last status. Ctrl-C detaches: the backfill goes on.
 * @throws CliError 130 when detached, 4 when the API is away for a minute
 */
export async function follow(context: Context, id: string): Promise<Backfill> {
  const detach = new AbortController()
  const progress = createProgress(process.stderr)
  const onInterrupt = (): void => detach.abort()
  process.once('SIGINT', onInterrupt)
  try {
    return await untilClosed(context, id, progress, detach.signal)
  } finally {
    process.removeListener('SIGINT', onInterrupt)
    progress.stop()
  }
}

/** What a backfill's end means for a script. */
export function exitCodeOf({ state }: Pick<Backfill, 'state'>): ExitCode {
  if (state === 'complete' || OPEN.has(state)) return EXIT.done
  return state === 'incomplete' || state === 'cancelled' ? EXIT.incomplete : EXIT.internal
}

async function untilClosed(
  context: Context,
  id: string,
  progress: Progress,
  detached: AbortSignal,
): Promise<Backfill> {
  const path = `/backfills/${encodeURIComponent(id)}`
  const told = new Set<string>()
  const interrupted = once(detached, 'abort').then(() => undefined)
  let answeredAt: number | undefined
  for (;;) {
    try {
      const backfill = await Promise.race([context.client().get(path), interrupted])
      if (backfill === undefined) throw new CliError(EXIT.interrupted, detachedMessage(id))
      const status = backfill as Backfill
      answeredAt = Date.now()
      progress.update(status)
      tellOnce(context, told, status.warnings)
      if (!OPEN.has(status.state)) return status
    } catch (error) {
      const away = error instanceof CliError && error.exitCode === EXIT.unavailable
      if (!away || answeredAt === undefined || Date.now() - answeredAt > PATIENCE) throw error
      tellOnce(context, told, [`${error.message} (trying again)`])
    }
    await Promise.race([wait(INTERVAL), interrupted])
    if (detached.aborted) throw new CliError(EXIT.interrupted, detachedMessage(id))
  }
}

function tellOnce(context: Context, told: Set<string>, warnings: readonly string[]): void {
  for (const warning of warnings) {
    if (!told.has(warning)) context.tell(`warning: ${warning}`)
    told.add(warning)
  }
}

function detachedMessage(id: string): string {
  return `detached; the backfill goes on. Re-attach with: backtide status ${id} --watch`
}
