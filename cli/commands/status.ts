import type { Command } from 'commander'
import type { Backfill, BackfillPage } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { exitCodeOf, follow } from '../follow.ts'
import { showBackfill, showList } from '../show/backfill.ts'
import { describeGaps } from '../show/gaps.ts'

interface Options {
  readonly watch?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide status                          the newest backfills
  backtide status ID                       one of them
  backtide status ID --watch               follow it to its end; Ctrl-C detaches
  backtide status ID --json | jq .counts`

/** `backtide status`: one backfill, or the list of them. */
export function addStatus(program: Command, context: Context, end: (code: ExitCode) => void): void {
  program
    .command('status')
    .description('show one backfill, or list them')
    .argument('[id]', 'id of a backfill')
    .option('--watch', 'follow it to its end; the exit code is that of its end')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (id: string | undefined, options: Options) => {
      end(id === undefined ? await list(context, options) : await one(context, id, options))
    })
}

async function list(context: Context, { watch, json }: Options): Promise<ExitCode> {
  if (watch) throw new CliError(EXIT.usage, '--watch needs the id of a backfill')
  const page = (await context.client().get('/backfills')) as BackfillPage
  if (json) printJson(context, page)
  else context.print(showList(page))
  for (const warning of page.warnings) context.tell(`warning: ${warning}`)
  return EXIT.done
}

async function one(context: Context, id: string, { watch, json }: Options): Promise<ExitCode> {
  const backfill = watch
    ? await follow(context, id)
    : ((await context.client().get(`/backfills/${encodeURIComponent(id)}`)) as Backfill)
  if (json) printJson(context, backfill)
  else context.print(showBackfill(backfill))
  if (!json && backfill.endedAt !== null) {
    for (const gap of describeGaps(backfill)) context.tell(gap)
  }
  if (watch) return exitCodeOf(backfill)
  for (const warning of backfill.warnings) context.tell(`warning: ${warning}`)
  return EXIT.done
}
