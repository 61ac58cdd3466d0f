import type { Command } from 'commander'
import type { Reset } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { addScope, fillScope, MAX_DAYS, readScope, type ScopeOptions } from '../options.ts'
import { formatNumber } from '../show/format.ts'

interface Options extends ScopeOptions {
  readonly reason?: string
  readonly yes?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide reset hyperliquid.l2_book --from 2025-01-01 --to 2025-01-02
  backtide reset hyperliquid.l2_book --coins BTC --from 2025-01-01 --to 2025-01-02 --reason "partition dropped" --yes

The range is always named: --from and --to, --last or --month. It takes all objects with rows in the range: of every dataset that fills the same table, and of the
hours around it whose rows are stamped in it. Rows stay as they are; "backtide backfill" over the same
range, and an hour before and after, then loads the objects again.`

/** `backtide reset`: forgets what is known of a range, after asking. */
export function addReset(program: Command, context: Context, end: (code: ExitCode) => void): void {
  const command = program
    .command('reset')
    .description('forget on purpose what of a range is loaded, so that it is loaded again')
    .argument('<dataset>', 'for example hyperliquid.l2_book')
  addScope(command, 'comma-separated; may be repeated; all without it')
    .option('--reason <text>', 'why; kept in the ledger')
    .option('--yes', 'do not ask')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string, options: Options) => end(await run(context, dataset, options)))
}

async function run(context: Context, dataset: string, options: Options): Promise<ExitCode> {
  const { yes, json, ...scope } = options
  // The range is always named: what other commands take for usual is not forgotten.
  const isAll = scope.days === MAX_DAYS
  const range = isAll ? await fillScope(context, dataset, scope) : readScope(scope, Date.now())
  const body = { dataset, ...range, by: 'the command line' }
  if (!yes) await confirm(context, body)
  const answer = (await context.client().post('/ledger/reset', body)) as Reset
  if (json) printJson(context, answer)
  else context.print(`${formatNumber(answer.reset)} objects forgotten`)
  return EXIT.done
}

/** @throws CliError 2 unless a person types yes */
async function confirm(
  context: Context,
  body: { readonly dataset: string; readonly from: string; readonly to: string },
): Promise<void> {
  const would = (await context.client().post('/ledger/reset', { ...body, dryRun: true })) as Reset
  const { dataset, from, to } = body
  const size = `${formatNumber(would.reset)} objects (${formatNumber(would.complete)} complete)`
  const what = `This forgets ${size} of ${dataset}'s table from ${from} to ${to}`
  const answer = await context.ask(`${what}: type yes `)
  if (answer === undefined) {
    throw new CliError(EXIT.usage, `${what}; add --yes, as there is no terminal to ask on`)
  }
  if (answer.trim() !== 'yes')
    throw new CliError(EXIT.usage, 'not confirmed: nothing was forgotten')
}
