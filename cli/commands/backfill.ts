import { MAX_CONCURRENCY, ON_FAILURE, ORDERS, REPROCESS } from '@backtide/core/backfill-options'
import { MAX_UNCONFIRMED } from '@backtide/core/check-scope'
import { Option, type Command } from 'commander'
import type { Context } from '../context.ts'
import { datasetsOf, readWords } from '../doors.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import {
  addScope,
  collectNames,
  DEFAULT_RANGE,
  fillScope,
  readHours,
  readInteger,
  readUsd,
  type ScopeOptions,
} from '../options.ts'
import { formatNumber } from '../show/format.ts'
import { startBackfills, type Start } from '../start-backfills.ts'
import { backfillsOf, narrow, openStarlistings, STARLISTINGS } from '../starlistings.ts'
import { addErrorBudget, PRIORITY_HELP } from './set.ts'

interface Options extends ScopeOptions {
  readonly dataset?: string[]
  readonly starlistings?: string
  readonly exchange?: string
  readonly order?: string
  readonly reprocess?: string
  readonly onFailure?: string
  readonly concurrency?: number
  readonly priority?: number
  readonly hours?: number[]
  readonly maxFailedDays?: number
  readonly maxFailedPercent?: number
  readonly maxCostUsd?: number
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
    .usage('[options] [dataset]')
    .argument('[dataset...]', 'for example hyperliquid.l2_book; backtide datasets lists them')
    .option('--dataset <list>', 'several, comma-separated: a backfill each', collectNames)
    .option('--starlistings <file>', 'instead: the candles that a starlistings.yaml asks for')
    .addOption(new Option('--exchange <name>').hideHelp())
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
    .option('--hours <list>', 'only these of each UTC day: 0-7,14; of datasets by hour', readHours)
    .option('--priority <level>', PRIORITY_HELP, readInteger)
    .option('--max-cost-usd <usd>', 'dollars it may cost; reaching them pauses it', readUsd)
    .option('--idempotency-key <key>', 'the same key is the same backfill, for ever')
    .option(
      '--yes',
      `confirm that more than ${formatNumber(MAX_UNCONFIRMED)} objects, or dollars, are meant`,
    )
    .option('--wait', 'follow it to its end')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (words: readonly string[], { dataset: others = [], ...options }: Options) => {
      const named = readWords(words)
      const intervals = [...(options.intervals ?? []), ...named.intervals]
      const asked = { ...options, ...(intervals.length > 0 && { intervals }) }
      end(await run(context, [...new Set([...named.datasets, ...others])], asked))
    })
}

async function run(
  context: Context,
  named: readonly string[],
  { wait, json, starlistings, exchange, ...options }: Options,
): Promise<ExitCode> {
  const file = starlistings ?? fileMeant(named, exchange, options)
  const wanted: readonly Wanted[] = file
    ? starlisted(file, named, { exchange, ...options })
    : datasetsOf(named, exchange, options.intervals).map((id) => ({
        dataset: id,
      }))
  if (wanted.length === 0) throw new CliError(EXIT.usage, "missing required argument 'dataset'")
  const waiting = { wait: wait === true, json: json === true }
  return await startBackfills(context, startsOf(context, wanted, file, options), waiting)
}

/** What is asked for of one dataset; the options say the rest. */
interface Wanted {
  readonly dataset: string
  readonly coins?: string[]
  readonly intervals?: string[]
}

/** Kirby's `--exchange` alone means the starlistings of it. */
function fileMeant(
  named: readonly string[],
  exchange: string | undefined,
  { intervals }: Pick<Options, 'intervals'>,
): string | undefined {
  return exchange !== undefined && named.length === 0 && !intervals ? STARLISTINGS : undefined
}

/** What a file asks for, which says all that is asked for but the range; coins and exchange choose of it. */
function starlisted(
  file: string,
  datasets: readonly string[],
  {
    exchange,
    coins,
    intervals,
  }: Pick<Options, 'coins' | 'intervals'> & { readonly exchange: string | undefined },
): readonly Wanted[] {
  if (datasets.length > 0 || intervals) {
    const message =
      '--starlistings says dataset and intervals; name only the range, and coins of it'
    throw new CliError(EXIT.usage, message)
  }
  return backfillsOf(narrow(openStarlistings(file), exchange, coins)).map((one) => ({
    dataset: one.dataset,
    coins: [...one.coins],
    intervals: [...one.intervals],
  }))
}

/** A body for each, with the bounds that were left out; a key belongs to one request. */
async function* startsOf(
  context: Context,
  wanted: readonly Wanted[],
  file: string | undefined,
  {
    idempotencyKey: key,
    yes,
    ...options
  }: Omit<Options, 'dataset' | 'wait' | 'json' | 'starlistings' | 'exchange'>,
): AsyncGenerator<Start> {
  for (const [at, { dataset, ...part }] of wanted.entries()) {
    const scope = await fillScope(context, dataset, { ...options, ...part })
    const body = { dataset, ...scope, ...(yes && { confirmed: true }) }
    const suffix = wanted.length === 1 ? '' : file ? `.${dataset}.${at}` : `.${dataset}`
    yield { body, ...(key !== undefined && { key: `${key}${suffix}` }) }
  }
}
