import type { Command } from 'commander'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { followDerived, readDerived, type Derived } from '../follow-derived.ts'
import { formatNumber, formatTable } from '../show/format.ts'

const EXAMPLES = `
Examples:
  backtide derived
  backtide derived --json | jq '.derived[] | select(.days.stale > 0) | .name'
  backtide derived rebuild fills_1m --from 2025-07-27 --to 2025-08-01 --wait
  backtide derived rebuild candles

Days are made by themselves once they were loaded. A day is stale when what it was made of was loaded again,
forgotten, or may have been lost since.`

const REBUILD_EXAMPLES = `
Examples:
  backtide derived rebuild daily_stats --wait
  backtide derived rebuild candles --from 2025-07-27 --to 2025-08-01 --wait --json

Without a range all days are made anew, and the table is dropped where nothing else writes to it.
Exit code with --wait: 0 made, 3 days are left that were not made, 5 it failed.`

interface ListOptions {
  readonly json?: boolean
}

interface RebuildOptions extends ListOptions {
  readonly from?: string
  readonly to?: string
  readonly wait?: boolean
}

/** `backtide derived`: what is made of what was loaded, which days of it are stale, and made anew. */
export function addDerived(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  const command = program
    .command('derived')
    .description('list what is made of what was loaded, and which days of it are stale')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (options: ListOptions) => end(await list(context, options)))
  command
    .command('list')
    .description('the same')
    .action(async () => end(await list(context, command.opts<ListOptions>())))
  command
    .command('rebuild')
    .description('drop days of something derived and make them anew')
    .argument('<name>', 'for example fills_1m')
    .option('--from <day>', 'first day: 2025-07-27 (UTC)')
    .option('--to <day>', 'end of the range, exclusive')
    .option('--wait', 'wait until they are made')
    .addHelpText('after', REBUILD_EXAMPLES)
    .action(async (name: string, options: RebuildOptions) =>
      end(await rebuild(context, name, { ...command.opts<ListOptions>(), ...options })),
    )
}

async function list(context: Context, { json }: ListOptions): Promise<ExitCode> {
  const answer = await readDerived(context)
  if (json) printJson(context, answer)
  else context.print(showDerived(answer.derived))
  if (!json) for (const warning of answer.warnings) context.tell(`warning: ${warning}`)
  return EXIT.done
}

async function rebuild(
  context: Context,
  name: string,
  { from, to, wait, json }: RebuildOptions,
): Promise<ExitCode> {
  const path = `/derived/${encodeURIComponent(name)}/rebuild`
  const body = { ...(from && { from }), ...(to && { to }) }
  const started = (await context.client().post(path, body)) as {
    readonly id: string
    readonly temporalUi: string
  }
  if (!wait) {
    if (json) printJson(context, started)
    else context.print(started.id)
    context.tell(`under way: ${started.temporalUi}`)
    return EXIT.done
  }
  const last = await followDerived(context, name)
  if (json) printJson(context, last)
  else context.print(showDerived([last]))
  if (last.reason !== undefined) context.tell(`${name} failed: ${last.reason}`)
  if (last.work === 'failed') return EXIT.internal
  return last.days.stale + last.days.missing > 0 ? EXIT.incomplete : EXIT.done
}

function showDerived(derived: readonly Derived[]): string {
  const rows = derived.map(({ name, table, days, newest, work, title }) => [
    name,
    table,
    ...[days.made, days.stale, days.missing].map(formatNumber),
    newest ?? '',
    work ?? 'not known',
    title,
  ])
  const head = ['NAME', 'TABLE', 'MADE', 'STALE', 'MISSING', 'NEWEST', 'WORK', 'WHAT']
  return formatTable([head, ...rows])
}
