import { MAX_CONCURRENCY, ORDERS } from '@backtide/core/backfill-options'
import { LOWEST_PRIORITY, type OptionsChange } from '@backtide/core/running-options'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Backfill } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { readInteger } from '../options.ts'

interface Options {
  readonly json?: boolean
  readonly [name: string]: unknown
}

const EXAMPLES = `
Examples:
  backtide set ID --concurrency 8
  backtide set ID --order newest-first --priority 4
  backtide set ID --max-failed-days 10
  backtide set ID --max-failed-percent none

What is changed holds for days that are started from then on.`

/** `backtide set`: changes a backfill while it runs. */
export function addSet(program: Command, context: Context, end: (code: ExitCode) => void): void {
  addErrorBudget(
    program
      .command('set')
      .description('change a backfill while it runs')
      .argument('<id>', 'id of a backfill; backtide status lists them')
      .addOption(new Option('--order <order>', 'which days first').choices(ORDERS))
      .option(
        '--concurrency <days>',
        `days in flight at once, 1 to ${MAX_CONCURRENCY}`,
        readInteger,
      )
      .option('--priority <level>', PRIORITY_HELP, readInteger),
    orNone,
  )
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { json, ...named }: Options) => {
      const values = Object.entries(named).map(([name, value]) => [
        name,
        value === NONE ? null : value,
      ])
      const change = Object.fromEntries(values) as OptionsChange
      const path = `/backfills/${encodeURIComponent(id)}`
      const backfill = (await context.client().patch(path, change)) as Backfill
      if (json) printJson(context, backfill)
      else context.print(`${backfill.id} changed`)
      end(EXIT.done)
    })
}

export const PRIORITY_HELP = `what goes first, 1 to ${LOWEST_PRIORITY}: the lower, the sooner; 3 by default`

/** The options that say how many days may fail; `read` reads their values. */
export function addErrorBudget(
  command: Command,
  read: (text: string) => number | typeof NONE = readNumber,
): Command {
  return command
    .option('--max-failed-days <count>', 'pause when so many days have failed', read)
    .option('--max-failed-percent <share>', 'the same in percent of all days', read)
}

/** Takes a limit away. */
const NONE = 'none'

function orNone(text: string): number | typeof NONE {
  return text === NONE ? NONE : readNumber(text)
}

function readNumber(text: string): number {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('Expected a number.')
  return Number(text)
}
