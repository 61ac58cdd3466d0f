import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Adoption } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { formatNumber } from '../show/format.ts'

interface Options {
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide adopt market_data --dry-run
  backtide adopt market_data
  backtide adopt l2_snapshot --yes --json

For a table that another program filled and that has the columns of Backtide's. Its rows are counted
first, then copied day by day; of rows with the same keys the one written last stays. The old table is
kept under another name: drop it yourself. Nothing of it counts as complete before "backtide backfill"
has loaded the same from the archive and compared it. Stop what writes to the table before.`

/** Time between two looks, and between two lines about it, in milliseconds. */
const INTERVAL = 500
const LINE_INTERVAL = 10_000

/** `backtide adopt`: takes over a table of somebody else's, after counting and asking. */
export function addAdopt(program: Command, context: Context, end: (code: ExitCode) => void): void {
  program
    .command('adopt')
    .description("take over a table of another program's, duplicates removed")
    .argument('<table>', 'for example market_data')
    .option('--dry-run', 'only count rows and duplicates')
    .option('--yes', 'do not ask')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (table: string, options: Options) => end(await run(context, table, options)))
}

async function run(context: Context, table: string, options: Options): Promise<ExitCode> {
  const { dryRun, yes, json } = options
  const counted = dryRun || !yes ? await adopt(context, table, true) : undefined
  if (counted && dryRun) {
    if (json) printJson(context, counted)
    else context.print(describe(counted))
    return EXIT.done
  }
  if (counted) await confirm(context, counted)
  const done = await adopt(context, table, false)
  if (json) printJson(context, done)
  else context.print(`${describe(done)}; ${formatNumber(done.objects)} objects are to be compared`)
  context.tell(`the old table is ${done.keptAs}; load its range now, to have it verified`)
  return EXIT.done
}

function describe({ table, rows, duplicates, days }: Adoption): string {
  return `${table}: ${formatNumber(rows)} rows of ${formatNumber(days)} days, ${formatNumber(duplicates)} of them duplicates`
}

/** @throws CliError 2 unless a person types yes */
async function confirm(context: Context, counted: Adoption): Promise<void> {
  const what = `This copies ${describe(counted)}, which are left out; the old table stays as ${counted.keptAs}`
  const answer = await context.ask(`${what}: type yes `)
  if (answer === undefined) {
    throw new CliError(EXIT.usage, `${what}; add --yes, as there is no terminal to ask on`)
  }
  if (answer.trim() !== 'yes') throw new CliError(EXIT.usage, 'not confirmed: nothing was copied')
}

/**
 * Has a table counted or taken over, and waits for it. Ctrl-C detaches: it goes on.
 * @throws CliError 5 when it failed, 130 when detached
 */
async function adopt(context: Context, table: string, dryRun: boolean): Promise<Adoption> {
  const detach = new AbortController()
  const onInterrupt = (): void => detach.abort()
  process.once('SIGINT', onInterrupt)
  const interrupted = once(detach.signal, 'abort').then(() => undefined)
  const path = `/adoptions/${encodeURIComponent(table)}`
  try {
    await context.client().post('/adoptions', { table, dryRun })
    for (let toldAt = Date.now(); ;) {
      const now = (await Promise.race([context.client().get(path), interrupted])) as
        Adoption | undefined
      if (now?.state === 'done') return now
      if (now?.state === 'failed') throw new CliError(EXIT.internal, now.reason ?? 'it failed')
      if (detach.signal.aborted || !now) throw new CliError(EXIT.interrupted, detached(table))
      if (Date.now() - toldAt >= LINE_INTERVAL) {
        toldAt = Date.now()
        context.tell(progressOf(now, dryRun))
      }
      await Promise.race([wait(INTERVAL), interrupted])
    }
  } finally {
    process.removeListener('SIGINT', onInterrupt)
  }
}

function progressOf({ days, daysDone, rows }: Adoption, dryRun: boolean): string {
  if (days === 0) return 'waiting for a worker'
  const doing = dryRun ? 'counting' : 'copying'
  return `${doing}: ${formatNumber(daysDone)}/${formatNumber(days)} days, ${formatNumber(rows)} rows`
}

function detached(table: string): string {
  return `detached; it goes on, and "backtide adopt ${table}" again copies nothing twice`
}
