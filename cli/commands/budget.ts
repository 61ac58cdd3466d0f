import { formatUsd } from '@backtide/core/prices'
import type { Command } from 'commander'
import type { Budget } from '../cost-answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { readUsd } from '../options.ts'
import { showBudget } from '../show/budget.ts'

interface Options {
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide budget
  backtide budget raise ID 5               the backfill may cost $5 in all
  backtide resume ID                       and goes on

The limit of a month is BACKTIDE_MONTHLY_BUDGET_USD, of workers and API.`

/** `backtide budget`: what was spent, and what may be. */
export function addBudget(program: Command, context: Context, end: (code: ExitCode) => void): void {
  const command = program
    .command('budget')
    .description('show what was spent this month, and change what a backfill may cost')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async ({ json }: Options) => {
      const budget = (await context.client().get('/budget')) as Budget
      if (json) printJson(context, budget)
      else context.print(showBudget(budget))
      end(EXIT.done)
    })
  command
    .command('raise')
    .description('change how many dollars a running or paused backfill may cost in all')
    .argument('<id>', 'id of a backfill')
    .argument('<usd>', 'dollars', readUsd)
    .option('--json', "print the API's answer as one line")
    .action(async (id: string, maxCostUsd: number) => {
      const path = `/backfills/${encodeURIComponent(id)}/budget`
      const answer = await context.client().post(path, { maxCostUsd })
      if (command.opts<Options>().json) printJson(context, answer)
      else context.print(`${id} may cost ${formatUsd(maxCostUsd)}; resume it if it is paused`)
      end(EXIT.done)
    })
}
