import { setTimeout as wait } from 'node:timers/promises'
import type { Backfill } from './answers.ts'
import type { Context } from './context.ts'
import { CliError, EXIT, type ExitCode } from './exit.ts'
import { createProgress, type Progress } from './progress.ts'
import { showWatch } from './show/watch.ts'

/** Time between two looks, and before events are asked for again, in milliseconds. */
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
  const { stderr } = process
  const colors = stderr.isTTY && !process.env['NO_COLOR']
  const progress = createProgress(stderr, (backfill) =>
    showWatch(backfill, { colors, columns: stderr.columns, now: Date.now() }),
  )
  const onInterrupt = (): void => detach.abort()
  process.once('SIGINT', onInterrupt)
  try {
    return await untilClosed(context, id, progress, detach.signal)
  } catch (error) {
    if (!detach.signal.aborted) throw error
    const message = `detached; the backfill goes on. Re-attach with: backtide status ${id} --watch`
    throw new CliError(EXIT.interrupted, message, { cause: error })
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
  const told = new Set<string>()
  const tellOnce = (lines: readonly string[]): void => {
    for (const line of lines) if (!told.has(line)) progress.tell(`warning: ${line}`)
    for (const line of lines) told.add(line)
  }
  const looks = createLooks(context, id, detached)
  let answeredAt: number | undefined
  for (;;) {
    try {
      for await (const status of looks()) {
        answeredAt = Date.now()
        progress.update(status)
        tellOnce(status.warnings)
        if (!OPEN.has(status.state)) return status
      }
    } catch (error) {
      if (detached.aborted) throw error
      if (!isAway(error) || answeredAt === undefined || Date.now() - answeredAt > PATIENCE)
        throw error
      tellOnce([`${error.message} (trying again)`])
    }
    await wait(INTERVAL, undefined, { signal: detached })
  }
}

/**
 * Ways to look: events as long as they come, and where they do not (an earlier API, a proxy that holds
 * them back), the status itself, once a call.
 */
function createLooks(
  context: Context,
  id: string,
  detached: AbortSignal,
): () => AsyncGenerator<Backfill> {
  const path = `/backfills/${encodeURIComponent(id)}`
  let hasEvents = true
  let seen: string | undefined
  return async function* looks() {
    if (hasEvents) {
      try {
        for await (const event of context.client().events(`${path}/events`, seen, detached)) {
          if (event.name === 'problem') throw asProblem(event.data)
          seen = event.id
          yield event.data as Backfill
        }
      } catch (error) {
        if (detached.aborted || isAway(error)) throw error
        hasEvents = false
      }
      if (seen !== undefined) return
      hasEvents = false
    }
    yield (await context.client().get(path, {}, detached)) as Backfill
  }
}

function isAway(error: unknown): error is CliError {
  return error instanceof CliError && error.exitCode === EXIT.unavailable
}

function asProblem(data: unknown): CliError {
  const { status, detail } = data as { readonly status: number; readonly detail: string }
  return new CliError(status === 503 ? EXIT.unavailable : EXIT.internal, detail)
}
