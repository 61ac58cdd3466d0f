import type { Command } from 'commander'
import type { Rows } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { collectCoins, collectNames, readInteger } from '../options.ts'
import { showRows } from '../show/rows.ts'

interface Options {
  readonly coins?: string[]
  readonly intervals?: string[]
  readonly last: number
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide show hyperliquid.l2_book --coins BTC
  backtide show binance.klines --coins BTCUSDT --intervals 1h --last 24
  backtide show hyperliquid.l2_book --coins BTC --to 2025-01-01T12:00:05 --last 5
  backtide show hyperliquid.l2_book --coins BTC --json | jq -c '.rows[].bids'`

/** `backtide show`: the last rows of a dataset, and whether they are verified. */
export function addShow(program: Command, context: Context, end: (code: ExitCode) => void): void {
  program
    .command('show')
    .description('show the last rows of a dataset, and whether they are verified')
    .argument('<dataset>', 'for example hyperliquid.l2_book; backtide datasets lists them')
    .option('--coins <list>', 'comma-separated, 20 at most; all when absent', collectCoins)
    .option('--intervals <list>', 'where the dataset has them, for example 1m,5m', collectNames)
    .option('--last <rows>', 'how many rows, 500 at most', readInteger, 10)
    .option('--from <time>', 'only rows since then: 2025-01-01, 2025-01-01T07:30 (UTC)')
    .option('--to <time>', 'only rows before then')
    .option('--json', "print the API's answer as one line, arrays in full")
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string, options: Options) => end(await run(context, dataset, options)))
}

async function run(context: Context, dataset: string, options: Options): Promise<ExitCode> {
  const { json, coins, intervals, last, ...range } = options
  const query = {
    last: String(last),
    coins: coins?.join(','),
    intervals: intervals?.join(','),
    ...range,
  }
  const path = `/datasets/${encodeURIComponent(dataset)}/rows`
  const answer = (await context.client().get(path, query)) as Rows
  if (json) printJson(context, answer)
  else context.print(showRows(answer))
  if (!json) for (const warning of answer.warnings) context.tell(`warning: ${warning}`)
  return EXIT.done
}
