import type { Command } from 'commander'
import type { Hole } from '../live-answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { formatTable } from '../show/format.ts'

const EXAMPLES = `
Examples:
  backtide holes
  backtide holes --symbol BTCUSDT --state all --json`

interface Options {
  readonly exchange?: string
  readonly market?: string
  readonly symbol?: string
  readonly channel?: string
  readonly state?: string
  readonly from?: string
  readonly to?: string
  readonly limit?: string
  readonly json?: boolean
}

/** `backtide holes`: when feeds may have missed something. */
export function addHoles(program: Command, context: Context, end: (code: ExitCode) => void): void {
  program
    .command('holes')
    .description('list when live feeds may have missed something, the newest first')
    .option('--exchange <name>', 'of one exchange only')
    .option('--market <name>', 'of one market only')
    .option('--symbol <name>', 'of one symbol only')
    .option('--channel <name>', 'of one channel only')
    .option('--state <state>', 'open, refuted, repaired, lost, or all (open)')
    .option('--from <time>', 'that end after it (UTC)')
    .option('--to <time>', 'that begin before it (UTC)')
    .option('--limit <count>', 'at most so many (100)')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => end(await list(context, options)))
}

async function list(context: Context, { json, ...query }: Options): Promise<ExitCode> {
  const answer = (await context.client().get('/holes', query)) as {
    readonly holes: readonly Hole[]
    readonly more: boolean
  }
  if (json) printJson(context, answer)
  else if (answer.holes.length > 0) context.print(showHoles(answer.holes))
  else context.tell('no such holes')
  if (answer.more) context.tell('there are more; --limit or --to lists them')
  return EXIT.done
}

function showHoles(holes: readonly Hole[]): string {
  const rows = holes.map((one) => [
    one.from,
    one.until ?? '',
    [one.exchange, one.market, one.symbol, one.channel].join(' '),
    one.cause,
    one.state,
    one.host,
    one.evidence ?? '',
  ])
  return formatTable([['FROM', 'UNTIL', 'FEED', 'CAUSE', 'STATE', 'HOST', 'EVIDENCE'], ...rows])
}
