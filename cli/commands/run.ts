import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Backfill, FollowView } from '../answers.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { follow } from '../follow.ts'
import { fillScope } from '../options.ts'
import { showBackfill } from '../show/backfill.ts'
import { describeTurn } from '../show/follows.ts'
import { addFollowOptions, startFollow, type FollowOptions } from './follow.ts'

interface Options extends FollowOptions {
  readonly dataset: string
  readonly backfillFrom: string
  readonly backfillTo?: string
}

/** Time between two looks at what is followed, in milliseconds. */
const INTERVAL = 5_000

const EXAMPLES = `
Examples:
  backtide run --dataset hyperliquid.l2_book --coins BTC --backfill-from 2025-01-01
  backtide run --dataset hyperliquid.funding --coins BTC,ETH --backfill-from 2024-01-01 --backfill-to 2025-01-01

The backfill begins at once, and what is new is followed meanwhile; gaps that the backfill leaves are filled
afterwards. Ctrl-C only stops watching: the work goes on, also after this command has ended.`

/** `backtide run`: a backfill, and what comes after it is followed. */
export function addRun(program: Command, context: Context, end: (code: ExitCode) => void): void {
  const command = program
    .command('run')
    .description('backfill, then follow what comes')
    .requiredOption('--dataset <id>', 'for example hyperliquid.l2_book')
    .requiredOption('--backfill-from <time>', 'first hour or day (UTC)')
    .option('--backfill-to <time>', 'end of the backfill, exclusive; now by default')
  addFollowOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => end(await run(context, options)))
}

async function run(context: Context, options: Options): Promise<ExitCode> {
  const { dataset, backfillFrom, backfillTo, every, recentDays, ...scope } = options
  const range = { from: backfillFrom, ...(backfillTo !== undefined && { to: backfillTo }) }
  const body = await fillScope(context, dataset, { ...scope, ...range })
  const asked = { dataset, ...body, order: 'newest-first' }
  const { id } = (await context.client().post('/backfills', asked)) as Backfill
  context.print(id)
  const followed = await startFollow(context, {
    dataset,
    ...scope,
    from: backfillFrom,
    after: id,
    ...(every !== undefined && { every }),
    ...(recentDays !== undefined && { recentDays }),
  })
  context.print(followed.id)
  context.tell(`backfill ${id}, followed as ${followed.id}`)
  const ended = await follow(context, id)
  context.tell(showBackfill(ended))
  return await watch(context, followed.id)
}

/** Tells of every turn until Ctrl-C. @throws CliError 130 then, 4 when the API is away */
async function watch(context: Context, id: string): Promise<never> {
  const detach = new AbortController()
  const onInterrupt = (): void => detach.abort()
  process.once('SIGINT', onInterrupt)
  const interrupted = once(detach.signal, 'abort').then(() => undefined)
  let told: string | undefined
  try {
    for (;;) {
      const answer = await Promise.race([context.client().get(`/follows/${id}`), interrupted])
      if (answer === undefined) throw new CliError(EXIT.interrupted, detached(id))
      const { lastTurn, nextAt } = answer as FollowView
      if (lastTurn?.endedAt && lastTurn.id !== told) {
        told = lastTurn.id
        context.tell(`${lastTurn.at}: ${describeTurn(lastTurn)}; next turn ${nextAt ?? 'paused'}`)
      }
      await Promise.race([wait(INTERVAL, undefined, { ref: true }), interrupted])
    }
  } finally {
    process.removeListener('SIGINT', onInterrupt)
  }
}

function detached(id: string): string {
  return `detached; ${id} is followed all the same: backtide follow list`
}
