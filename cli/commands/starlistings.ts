import type { Command } from 'commander'
import type { Dataset, Instrument } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { formatNumber, formatTable } from '../show/format.ts'
import { startBackfills } from '../start-backfills.ts'
import { narrow, openStarlistings, STARLISTINGS } from '../starlistings.ts'
import { historyOf, type HistoryBackfill } from '../sync-starlistings.ts'

const EXAMPLES = `
Examples:
  backtide starlistings list
  backtide starlistings list my.yaml --json
  backtide starlistings sync --dry-run
  backtide starlistings sync --file my.yaml --wait
  backtide backfill --starlistings starlistings.yaml --days max`

/** `backtide starlistings`: what a file of starlistings asks for, checked, or its history made whole. */
export function addStarlistings(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  const command = program
    .command('starlistings')
    .description('the candles that a starlistings.yaml asks for')
    .addHelpText('after', EXAMPLES)
  command
    .command('list')
    .description('check a file and list what it asks for; nothing is sent')
    .argument('[file]', 'the file', STARLISTINGS)
    .option('--json', 'print it as one line')
    .addHelpText('after', EXAMPLES)
    .action((file: string, { json }: { readonly json?: boolean }) => {
      const starlistings = openStarlistings(file)
      const rows = starlistings.map((one) => [one.name, one.dataset, one.coin, one.interval])
      if (json) context.print(JSON.stringify({ starlistings }))
      else context.print(formatTable([['STARLISTING', 'DATASET', 'COIN', 'INTERVAL'], ...rows]))
      end(EXIT.done)
    })
  command
    .command('sync')
    .description('make the history of all of them whole: candles, and funding and open interest')
    .option('--file <file>', 'the file', STARLISTINGS)
    .option('--dry-run', 'only say which backfills it would start')
    .option('--yes', 'confirm that very many objects are meant')
    .option('--wait', 'follow the backfills to their end')
    .option('--json', "print the API's answers, one a line")
    .addHelpText('after', SYNC)
    .action(async (options: SyncOptions) => end(await sync(context, options)))
}

interface SyncOptions {
  readonly file: string
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly wait?: boolean
  readonly json?: boolean
}

const SYNC = `
Each coin is loaded from the day it was listed, or as many days back as its entry says (days: 365), to the last
day that has ended; what is there is not loaded again. Without dates of listing ("backtide instruments
sync" asks for them) it begins where the dataset does.

Exit code with --wait as of "backtide backfill --wait", the worst of them.`

async function sync(
  context: Context,
  { file, dryRun, yes, ...options }: SyncOptions,
): Promise<ExitCode> {
  const starlistings = narrow(openStarlistings(file))
  const { datasets } = await ask<{ readonly datasets: readonly Dataset[] }>(context, '/datasets')
  const { instruments, warnings } = await ask<{
    readonly instruments: readonly Instrument[]
    readonly warnings: readonly string[]
  }>(context, '/instruments')
  for (const warning of warnings) context.tell(`warning: ${warning}`)
  const wanted = historyOf(starlistings, { datasets, instruments }, Date.now())
  if (!dryRun)
    return await startBackfills(
      context,
      wanted.map((one) => startOf(one, yes)),
      options,
    )
  const plan = wanted.map(({ body, objects }) => ({ ...body, objects }))
  if (options.json) printJson(context, { backfills: plan })
  else context.print(showPlan(wanted))
  return EXIT.done
}

async function ask<Answer>(context: Context, path: string): Promise<Answer> {
  return (await context.client().get(path)) as Answer
}

function startOf({ body }: HistoryBackfill, confirmed = false) {
  return { body: { ...body, reprocess: 'repairable', ...(confirmed && { confirmed }) } }
}

function showPlan(wanted: readonly HistoryBackfill[]): string {
  const rows = wanted.map(({ body, objects }) => [
    body.dataset,
    body.coins?.join(',') ?? 'all',
    body.intervals?.join(',') ?? '',
    body.from.slice(0, 10),
    body.to.slice(0, 10),
    formatNumber(objects),
  ])
  return formatTable([['DATASET', 'COINS', 'INTERVALS', 'FROM', 'TO', 'OBJECTS'], ...rows])
}
