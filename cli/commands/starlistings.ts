import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { formatTable } from '../show/format.ts'
import { openStarlistings, STARLISTINGS } from '../starlistings.ts'

const EXAMPLES = `
Examples:
  backtide starlistings list
  backtide starlistings list my.yaml --json
  backtide backfill --starlistings starlistings.yaml --days max`

/** `backtide starlistings`: what a file of starlistings asks for, checked. */
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
}
