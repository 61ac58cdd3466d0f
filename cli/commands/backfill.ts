import { MAX_CONCURRENCY, ON_FAILURE, ORDERS, REPROCESS } from '@backtide/core/backfill-options'
import { MAX_UNCONFIRMED } from '@backtide/core/check-scope'
import { Option, type Command } from 'commander'
import type { Backfill } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { exitCodeOf, follow } from '../follow.ts'
import {
  addScope,
  collectNames,
  DEFAULT_RANGE,
  fillScope,
  readInteger,
  type ScopeOptions,
} from '../options.ts'
import { showBackfill, showResults } from '../show/backfill.ts'
import { formatNumber } from '../show/format.ts'
import { describeGaps } from '../show/gaps.ts'
import { backfillsOf, openStarlistings } from '../starlistings.ts'
import { addErrorBudget, PRIORITY_HELP } from './set.ts'

interface Options extends ScopeOptions {
  readonly dataset?: string[]
  readonly starlistings?: string
  readonly order?: string
  readonly reprocess?: string
  readonly onFailure?: string
  readonly concurrency?: number
  readonly priority?: number
  readonly maxFailedDays?: number
  readonly maxFailedPercent?: number
  readonly idempotencyKey?: string
  readonly yes?: boolean
  readonly wait?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide backfill hyperliquid.l2_book --coins BTC,ETH --from 2025-01-01 --to 2025-01-02 --wait
  backtide backfill hyperliquid.asset_ctxs --month 2025-01
  backtide backfill hyperliquid.l2_book --coins @coins.txt --last 24h
  backtide backfill hyperliquid.candles --coins BTC --intervals 1h,1d --days max
  backtide backfill hyperliquid.funding --coins '*' --days 30
  backtide backfill hyperliquid.l2_book --coins BTC --from 2025-01-01
  backtide backfill --dataset hyperliquid.l2_book,hyperliquid.l2_snapshot --coins BTC --month 2025-03 --wait
  backtide backfill hyperliquid.l2_book --coins BTC --from 2025-01-01 --to 2025-01-02 --reprocess all

${DEFAULT_RANGE}
Datasets over the same objects fetch them once when they are asked for together.

Exit code with --wait: 0 complete, 3 ended with gaps or cancelled, 5 failed or terminated,
130 detached by Ctrl-C (the backfill goes on); of several backfills the highest.`

/** `backtide backfill`: starts one, or finds the one the request already is. */
export function addBackfill(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  const command = program
    .command('backfill')
    .description('load a range of a dataset')
    .argument('[dataset]', 'for example hyperliquid.l2_book; backtide datasets lists them')
    .option('--dataset <list>', 'several, comma-separated: a backfill each', collectNames)
    .option('--starlistings <file>', 'instead: the candles that a starlistings.yaml asks for')
  addErrorBudget(addScope(command))
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
    .option('--priority <level>', PRIORITY_HELP, readInteger)
    .option('--idempotency-key <key>', 'the same key is the same backfill, for ever')
    .option('--yes', `confirm that more than ${formatNumber(MAX_UNCONFIRMED)} objects are meant`)
    .option('--wait', 'follow it to its end')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string | undefined, { dataset: others = [], ...options }: Options) => {
      end(await run(context, [...new Set([...(dataset ? [dataset] : []), ...others])], options))
    })
}

async function run(
  context: Context,
  datasets: readonly string[],
  { wait, json, starlistings, ...options }: Options,
): Promise<ExitCode> {
  const wanted = starlistings
    ? starlisted(starlistings, datasets, options)
    : datasets.map((dataset) => ({ dataset }))
  if (wanted.length === 0) throw new CliError(EXIT.usage, "missing required argument 'dataset'")
  const accepted: Backfill[] = []
  for (const [at, { dataset, ...part }] of wanted.entries()) {
    const key = wanted.length > 1 ? (starlistings ? `${dataset}.${at}` : dataset) : undefined
    const backfill = await start(context, dataset, { ...options, ...part }, key)
    if (wait) context.tell(`backfill ${backfill.id}`)
    else if (json) printJson(context, backfill)
    else context.print(backfill.id)
    for (const warning of backfill.warnings) context.tell(`warning: ${warning}`)
    if (!wait) context.tell(`accepted; follow it with: backtide status ${backfill.id} --watch`)
    accepted.push(backfill)
  }
  return wait ? await waitFor(context, accepted, json) : EXIT.done
}

/** What a file asks for, which says all that is asked for but the range. */
function starlisted(
  file: string,
  datasets: readonly string[],
  { coins, intervals }: Omit<Options, 'starlistings'>,
) {
  if (datasets.length > 0 || coins || intervals) {
    const message = '--starlistings says dataset, coins and intervals; name only the range'
    throw new CliError(EXIT.usage, message)
  }
  return backfillsOf(openStarlistings(file)).map((one) => ({
    ...one,
    coins: [...one.coins],
    intervals: [...one.intervals],
  }))
}

async function start(
  context: Context,
  dataset: string,
  { idempotencyKey, yes, ...asked }: Omit<Options, 'wait' | 'json' | 'starlistings'>,
  part: string | undefined,
): Promise<Backfill> {
  const scope = await fillScope(context, dataset, asked)
  const body = { dataset, ...scope, ...(yes && { confirmed: true }) }
  // A key belongs to one request.
  const key = part === undefined ? idempotencyKey : `${idempotencyKey}.${part}`
  const headers = idempotencyKey === undefined ? {} : { 'Idempotency-Key': key ?? '' }
  return (await context.client().post('/backfills', body, headers)) as Backfill
}

/** Follows one after the other to the end of all; the exit code is the worst of theirs. */
async function waitFor(
  context: Context,
  accepted: readonly Backfill[],
  json = false,
): Promise<ExitCode> {
  const ended: Backfill[] = []
  for (const { id } of accepted) ended.push(await follow(context, id))
  const [only, ...more] = ended
  if (json) for (const one of ended) printJson(context, one)
  else context.print(only && more.length === 0 ? showBackfill(only) : showResults(ended))
  for (const gap of ended.flatMap(describeGaps)) context.tell(gap)
  return ended.map(exitCodeOf).reduce((worst, code) => (code > worst ? code : worst), EXIT.done)
}
