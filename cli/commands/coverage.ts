import { percentWithoutGap } from '@backtide/core/state'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Coverage } from '../coverage-answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { addScope, DEFAULT_RANGE, fillScope, queryOf, type ScopeOptions } from '../options.ts'
import { showCoverage } from '../show/coverage.ts'

interface Options extends ScopeOptions {
  readonly by?: string
  readonly failUnder?: number
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide coverage hyperliquid.l2_book --coins BTC --from 2025-01-01 --to 2025-02-01
  backtide coverage hyperliquid.l2_book --coins @coins.txt --month 2025-01
  backtide coverage hyperliquid.l2_book --coins BTC,ETH --last 365d --by coin
  backtide coverage hyperliquid.asset_ctxs --from 2025-01-01 --fail-under 99.9 --json

${DEFAULT_RANGE}

Exit code: 3 when less is complete than --fail-under asks for.`

/** `backtide coverage`: what is loaded, hour by hour for one coin (at one interval), else day by day. */
export function addCoverage(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  const command = program
    .command('coverage')
    .description('show what of a range is loaded, and why the rest is not')
    .argument('<dataset>', 'for example hyperliquid.l2_book')
  addScope(command)
    .addOption(
      new Option('--by <what>', 'what to divide it into').choices([
        'day',
        'hour',
        'coin',
        'coin-day',
      ]),
    )
    .option('--fail-under <percent>', 'exit with 3 when less is complete', readPercent)
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string, options: Options) => end(await run(context, dataset, options)))
}

async function run(context: Context, dataset: string, options: Options): Promise<ExitCode> {
  const { json, by, failUnder = 0, ...asked } = options
  const scope = await fillScope(context, dataset, asked)
  const query = {
    ...queryOf(dataset, scope),
    ...division(by, scope),
  }
  const coverage = (await context.client().get('/coverage', query)) as Coverage
  if (json) printJson(context, coverage)
  else context.print(showCoverage(coverage, context.colors))
  // Not cut, as the one in the answer is.
  if (percentWithoutGap(coverage.counts, coverage.unknown) >= failUnder) return EXIT.done
  context.tell(`${coverage.percent} % is complete, less than ${failUnder} %`)
  return EXIT.incomplete
}

/** Many coins are divided into coins and days, one into its hours, unless told otherwise. */
function division(
  by: string | undefined,
  { coins = [], intervals = [] }: Pick<ScopeOptions, 'coins' | 'intervals'>,
): { readonly by?: string; readonly detail?: string } {
  if (by !== undefined && by !== 'day') return { by }
  const many = new Set(coins).size > 1 || new Set(intervals).size > 1 || intervals.includes('all')
  if (by === undefined && many) return { by: 'coin-day' }
  return { detail: 'partitions' }
}

function readPercent(text: string): number {
  const percent = /^\d{1,3}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN
  if (percent <= 100) return percent
  throw new InvalidArgumentError('Expected a percentage from 0 to 100, such as 99.9.')
}
