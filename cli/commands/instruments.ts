import type { Command } from 'commander'
import type { Instrument } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { formatTable } from '../show/format.ts'

const EXAMPLES = `
Examples:
  backtide instruments sync
  backtide instruments --market perp
  backtide instruments --json | jq -r '.instruments[].symbol'`

interface Options {
  readonly exchange?: string
  readonly market?: string
  readonly json?: boolean
}

/** `backtide instruments`: what is traded where, and since when. */
export function addInstruments(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  const command = program
    .command('instruments')
    .description('list what is traded where, and since when')
    .option('--exchange <name>', 'of one exchange only')
    .option('--market <name>', 'of one market only: perp, spot')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => end(await list(context, options)))
  command
    .command('sync')
    .description('have an exchange asked for its instruments')
    .action(async () => end(await sync(context, command.opts<Options>())))
}

async function list(context: Context, { exchange, market, json }: Options): Promise<ExitCode> {
  const query = { ...(exchange && { exchange }), ...(market && { market }) }
  const answer = (await context.client().get('/instruments', query)) as {
    readonly instruments: readonly Instrument[]
    readonly warnings: readonly string[]
  }
  if (json) printJson(context, answer)
  else if (answer.instruments.length > 0) context.print(showInstruments(answer.instruments))
  if (!json) for (const warning of answer.warnings) context.tell(`warning: ${warning}`)
  return EXIT.done
}

async function sync(
  context: Context,
  { exchange = 'hyperliquid', json }: Options,
): Promise<ExitCode> {
  const answer = (await context.client().post('/instruments/sync', { exchange })) as {
    readonly id: string
    readonly temporalUi: string
  }
  if (json) printJson(context, answer)
  else context.print(answer.id)
  context.tell(`under way; its dates may take some minutes the first time: ${answer.temporalUi}`)
  return EXIT.done
}

function showInstruments(instruments: readonly Instrument[]): string {
  const rows = instruments.map((one) => [
    one.exchange,
    one.market,
    one.symbol,
    `${one.base}/${one.quote}`,
    one.listed ?? 'not known',
    one.delisted ?? '',
  ])
  return formatTable([['EXCHANGE', 'MARKET', 'SYMBOL', 'PAIR', 'LISTED', 'DELISTED'], ...rows])
}
