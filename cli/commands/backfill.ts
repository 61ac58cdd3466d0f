import { MAX_CONCURRENCY, ON_FAILURE, ORDERS, REPROCESS } from '@backtide/core/backfill-options'
import { MAX_UNCONFIRMED } from '@backtide/core/check-scope'
import { Option, type Command } from 'commander'
import type { Backfill } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { exitCodeOf, follow } from '../follow.ts'
import { addScope, readScope, readInteger, type ScopeOptions } from '../options.ts'
import { showBackfill } from '../show/backfill.ts'
import { formatNumber } from '../show/format.ts'
import { describeGaps } from '../show/gaps.ts'

interface Options extends ScopeOptions {
  readonly order?: string
  readonly reprocess?: string
  readonly onFailure?: string
  readonly concurrency?: number
  readonly idempotencyKey?: string
  readonly yes?: boolean
  readonly wait?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide backfill hyperliquid.l2_book --coins BTC,ETH --from 2025-01-01 --to 2025-01-02 --wait
  backtide backfill hyperliquid.asset_ctxs --month 2025-01
  backtide backfill hyperliquid.l2_book --coins @coins.txt --last 7d
  backtide backfill hyperliquid.l2_book --coins BTC --from 2025-01-01 --to 2025-01-02 --reprocess all

Exit code with --wait: 0 complete, 3 ended with gaps or cancelled, 5 failed or terminated,
130 detached by Ctrl-C (the backfill goes on).`

/** `backtide backfill`: starts one, or finds the one the request already is. */
export function addBackfill(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  const command = program
    .command('backfill')
    .description('load a range of a dataset')
    .argument('<dataset>', 'for example hyperliquid.l2_book; backtide datasets lists them')
  addScope(command)
    .addOption(new Option('--order <order>', 'which days first').choices(ORDERS))
    .addOption(
      new Option('--reprocess <what>', 'what to load again, beside what is open').choices(
        REPROCESS,
      ),
    )
    .addOption(
      new Option('--on-failure <policy>', 'what a failed day does to the rest').choices(ON_FAILURE),
    )
    .option('--concurrency <days>', `days in flight at once, 1 to ${MAX_CONCURRENCY}`, readInteger)
    .option('--idempotency-key <key>', 'the same key is the same backfill, for ever')
    .option('--yes', `confirm that more than ${formatNumber(MAX_UNCONFIRMED)} objects are meant`)
    .option('--wait', 'follow it to its end')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string, options: Options) => end(await run(context, dataset, options)))
}

async function run(context: Context, dataset: string, options: Options): Promise<ExitCode> {
  const { idempotencyKey, yes, wait, json, ...request } = options
  const scope = readScope(request, Date.now())
  const body = { dataset, ...scope, ...(yes && { confirmed: true }) }
  const headers = idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }
  const answer = await context.client().post('/backfills', body, headers)
  const accepted = answer as Backfill
  if (wait) {
    context.tell(`backfill ${accepted.id}`)
    const final = await follow(context, accepted.id)
    if (json) printJson(context, final)
    else context.print(showBackfill(final))
    for (const gap of describeGaps(final)) context.tell(gap)
    return exitCodeOf(final)
  }
  if (json) printJson(context, accepted)
  else context.print(accepted.id)
  for (const warning of accepted.warnings) context.tell(`warning: ${warning}`)
  context.tell(`accepted; follow it with: backtide status ${accepted.id} --watch`)
  return EXIT.done
}
