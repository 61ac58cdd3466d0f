import type { Command } from 'commander'
import type { FollowView, FollowList } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { collectCoins, collectNames, readInteger } from '../options.ts'
import { showFollow, showFollows } from '../show/follows.ts'

/** What is to be followed, as it is written on a command line. */
export interface FollowOptions {
  readonly coins?: string[]
  readonly intervals?: string[]
  readonly from?: string
  readonly every?: string
  readonly recentDays?: number
}

interface Options extends FollowOptions {
  readonly dataset?: string
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide follow --dataset hyperliquid.l2_book --coins BTC,ETH
  backtide follow --dataset hyperliquid.funding --coins '*' --from 2025-01-01 --every 15m
  backtide follow list
  backtide follow pause ID --reason maintenance
  backtide follow resume ID
  backtide follow remove ID

Every so often a turn loads what is new, what was late or replaced, and then gaps back to --from. The same
dataset, coins and intervals again change how they are followed.`

/** `backtide follow`, and what is done with what is followed. */
export function addFollow(program: Command, context: Context, end: (code: ExitCode) => void): void {
  const command = program
    .command('follow')
    .description('keep a dataset whole from now on')
    .option('--dataset <id>', 'for example hyperliquid.l2_book')
  addFollowOptions(command)
    .option('--from <time>', 'what is older is left alone; 7 days ago by default')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async ({ dataset, json, ...options }: Options) => {
      if (dataset === undefined) throw new CliError(EXIT.usage, 'name what to follow: --dataset ID')
      const answer = await startFollow(context, { dataset, ...options })
      if (json) printJson(context, answer)
      else context.print(answer.id)
      context.tell('followed; see how it goes with: backtide follow list')
      end(EXIT.done)
    })
  addList(command, context, end)
  for (const verb of ['pause', 'resume'] as const) addVerb(command, context, end, verb)
  addRemove(command, context, end)
}

/** The options that say what is followed and how, beside the dataset. */
export function addFollowOptions(command: Command): Command {
  return command
    .option('--coins <list>', 'comma-separated; @names.txt reads them from a file', collectCoins)
    .option('--intervals <list>', 'where the dataset has them, for example 1m,5m', collectNames)
    .option('--every <span>', 'time between two turns: 15m, 1h, 1d; 1h by default')
    .option('--recent-days <days>', 'days in which replaced objects are looked for', readInteger)
}

/** Has the API follow something. */
export async function startFollow(
  context: Context,
  body: FollowOptions & { readonly dataset: string; readonly after?: string },
): Promise<FollowView> {
  return (await context.client().post('/follows', body)) as FollowView
}

function addList(parent: Command, context: Context, end: (code: ExitCode) => void): void {
  parent
    .command('list')
    .description('what is followed, what the last turn did and when the next is due')
    .argument('[id]', 'only one, in full')
    .option('--json', "print the API's answer as one line")
    .action(async (id: string | undefined, _: object, command: Command) => {
      const answer = await context.client().get(id === undefined ? '/follows' : pathOf(id))
      if (isJson(command)) printJson(context, answer)
      else if (id === undefined) context.print(showFollows(answer as FollowList))
      else context.print(showFollow(answer as FollowView))
      end(EXIT.done)
    })
}

function addVerb(
  parent: Command,
  context: Context,
  end: (code: ExitCode) => void,
  verb: 'pause' | 'resume',
): void {
  parent
    .command(verb)
    .description(verb === 'pause' ? 'begin no turn until it is resumed' : 'go on, and catch up')
    .argument('<id>', 'backtide follow list has them')
    .option('--reason <text>', 'why; shown with it')
    .option('--json', "print the API's answer as one line")
    .action(async (id: string, { reason }: { reason?: string }, command: Command) => {
      const body = reason === undefined ? {} : { reason }
      const answer = (await context.client().post(`${pathOf(id)}/${verb}`, body)) as FollowView
      if (isJson(command)) printJson(context, answer)
      else context.print(`${answer.id} ${verb} accepted`)
      end(EXIT.done)
    })
}

function addRemove(parent: Command, context: Context, end: (code: ExitCode) => void): void {
  parent
    .command('remove')
    .description('follow it no longer; a turn under way goes on to its end')
    .argument('<id>', 'backtide follow list has them')
    .option('--json', "print the API's answer as one line")
    .action(async (id: string, _: object, command: Command) => {
      const answer = (await context.client().delete(pathOf(id))) as FollowView
      if (isJson(command)) printJson(context, answer)
      else context.print(`${answer.id} is not followed any more; what it has loaded stays`)
      end(EXIT.done)
    })
}

/** The option of the command or, where it takes it, of the one above. */
function isJson(command: Command): boolean {
  return command.optsWithGlobals<{ json?: boolean }>().json ?? false
}

function pathOf(id: string): string {
  return `/follows/${encodeURIComponent(id)}`
}
