import type { Command } from 'commander'
import type { Coverage } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { addScope, DEFAULT_RANGE, fillScope, type ScopeOptions } from '../options.ts'
import { showCoverage } from '../show/coverage.ts'

interface Options extends ScopeOptions {
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide coverage hyperliquid.l2_book --coins BTC --from 2025-01-01 --to 2025-02-01
  backtide coverage hyperliquid.l2_book --coins @coins.txt --month 2025-01
  backtide coverage hyperliquid.asset_ctxs --from 2025-01-01 --json

${DEFAULT_RANGE}`

/** `backtide coverage`: what is loaded, hour by hour for one coin (at one interval), else day by day. */
export function addCoverage(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  const command = program
    .command('coverage')
    .description('show what of a range is loaded')
    .argument('<dataset>', 'for example hyperliquid.l2_book')
  addScope(command)
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string, options: Options) => end(await run(context, dataset, options)))
}

async function run(context: Context, dataset: string, options: Options): Promise<ExitCode> {
  const { json, ...asked } = options
  const { coins, intervals, from, to } = await fillScope(context, dataset, asked)
  const query = {
    dataset,
    coins: coins?.join(','),
    intervals: intervals?.join(','),
    from,
    to,
    detail: 'partitions',
  }
  const coverage = (await context.client().get('/coverage', query)) as Coverage
  if (json) printJson(context, coverage)
  else context.print(showCoverage(coverage))
  return EXIT.done
}
