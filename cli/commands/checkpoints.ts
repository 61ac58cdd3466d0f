import type { Command } from 'commander'
import type { Dataset } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { describeCounts } from '../show/backfill.ts'
import { formatNumber, formatTable } from '../show/format.ts'

const EXAMPLES = `
Examples:
  backtide checkpoints
  backtide checkpoints hyperliquid.fills --json

"backtide coverage" divides a dataset into days and coins, "backtide gaps" says what is left, and
"backtide reset" forgets, so that it is loaded again.`

/** `backtide checkpoints`: how far each dataset is, as the indexer's users ask for it; help does not list it. */
export function addCheckpoints(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  program
    .command('checkpoints', { hidden: true })
    .description('show how far each dataset is settled')
    .argument('[dataset]', 'for example hyperliquid.fills')
    .option('--json', 'print one dataset a line')
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string | undefined, { json = false }: { readonly json?: boolean }) =>
      end(await run(context, dataset, json)),
    )
}

interface Answer {
  readonly datasets: readonly Dataset[]
  readonly warnings: readonly string[]
}

async function run(context: Context, only: string | undefined, json: boolean): Promise<ExitCode> {
  const answer = (await context.client().get('/datasets', { detail: 'loaded' })) as Answer
  for (const warning of answer.warnings) context.tell(`warning: ${warning}`)
  const chosen = answer.datasets.filter(({ id }) => only === undefined || id === only)
  if (chosen.length === 0) {
    throw new CliError(EXIT.usage, `${only} is not a dataset; backtide datasets lists them`)
  }
  const settled = chosen.flatMap(settledOf)
  if (json) for (const one of settled) printJson(context, one)
  else if (settled.length === 0) context.print('nothing is loaded')
  else context.print(showSettled(settled))
  return EXIT.done
}

function settledOf({ id, loaded }: Dataset) {
  return loaded && Object.keys(loaded.counts).length > 0 ? [{ dataset: id, ...loaded }] : []
}

function showSettled(settled: readonly ReturnType<typeof settledOf>[number][]): string {
  const rows = settled.map(({ dataset, from, to, rows: stored, counts }) => [
    dataset,
    from ?? '',
    to ?? '',
    formatNumber(stored),
    describeCounts(counts),
  ])
  return formatTable([['DATASET', 'FROM', 'TO', 'ROWS', 'OBJECTS'], ...rows])
}
