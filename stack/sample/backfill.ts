import type { Backfill } from '@backtide/cli/answers'
import { createClient } from '@backtide/cli/client'
import type { Context } from '@backtide/cli/context'
import { CliError, EXIT } from '@backtide/cli/exit'
import { follow } from '@backtide/cli/follow'
import type { StateCounts } from '@backtide/core/state'
import { sampleL2Book } from '@backtide/datasets/sample/l2-book'
import { randomUUID } from 'node:crypto'
import type { Say } from '../say.ts'
import { StackError } from '../stack-error.ts'
import { SAMPLE_COINS } from './sample-objects.ts'

/** The backfill that the sample archive is for. */
const REQUEST = {
  dataset: sampleL2Book.id,
  coins: SAMPLE_COINS,
  from: '2025-01-01T00:00:00Z',
  to: '2025-01-02T00:00:00Z',
}

/** How the sample backfill ended, for programs. */
export interface SampleSummary {
  readonly backfillId: string
  readonly dataset: string
  readonly from: string
  readonly to: string
  readonly objects: StateCounts
  readonly rows: number
  readonly seconds: number
}

/** `problem` is set when not every object is either loaded or explained. */
export interface SampleEnd {
  readonly summary: SampleSummary
  readonly problem?: string
}

/** Where to ask for the sample backfill, and how. */
export interface FollowOptions {
  /** Base URL of the API. */
  readonly api: string
  readonly token?: string | undefined
  readonly say: Say
  /** Ends following: the API is about to go. */
  readonly stopping: AbortSignal
}

/**
 * Asks the API for the sample backfill, as `backtide backfill --wait` does, and waits for its end;
 * undefined when it was told to stop first.
 * @throws StackError when the API does not take the request, or is gone
 */
export async function runSampleBackfill(options: FollowOptions): Promise<SampleEnd | undefined> {
  const started = Date.now()
  try {
    const { id, ...status } = await runBackfill(contextOf(options))
    const { dataset, from, to } = REQUEST
    const seconds = Math.round((Date.now() - started) / 100) / 10
    const { counts: objects, rows } = status
    const summary = { backfillId: id, dataset, from, to, objects, rows, seconds }
    const problem = problemOf(status)
    return problem === undefined ? { summary } : { summary, problem }
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    if (options.stopping.aborted || error.exitCode === EXIT.interrupted) return undefined
    throw new StackError(`The sample backfill: ${error.message}`, 4, { cause: error })
  }
}

async function runBackfill(context: Context): Promise<Backfill> {
  // A new backfill every time: over a range that is complete already it has nothing to fetch.
  const key = { 'Idempotency-Key': randomUUID() }
  const answer = await context.client().post('/backfills', REQUEST, key)
  const { id } = answer as Backfill
  context.tell(
    `Backfill ${id}: ${REQUEST.dataset}, ${REQUEST.coins.join(', ')}, 2025-01-01. Its books are made up.`,
  )
  return await follow(context, id)
}

function contextOf({ api, token, say, stopping }: FollowOptions): Context {
  const client = createClient({ url: api, token })
  return {
    client: () => {
      if (stopping.aborted) throw new CliError(EXIT.interrupted, 'stopped')
      return client
    },
    print: say,
    tell: say,
    ask: async () => undefined,
    readInput: async () => undefined,
    colors: false,
  }
}

function problemOf({
  state,
  counts,
  remaining,
  total,
}: Pick<Backfill, 'state' | 'counts' | 'remaining' | 'total'>): string | undefined {
  if (state !== 'complete' && state !== 'incomplete') return `The sample backfill ended ${state}.`
  const { failed = 0, reset = 0, unverified = 0 } = counts
  const left = remaining + failed + reset + unverified
  return left === 0
    ? undefined
    : `The sample backfill left ${left} of ${total} objects unexplained.`
}
