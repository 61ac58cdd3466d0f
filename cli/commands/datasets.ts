import type { Command } from 'commander'
import type { Dataset, SourcePlace } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { describeCounts } from '../show/backfill.ts'
import { formatBytes, formatNumber, formatTable } from '../show/format.ts'

const EXAMPLES = `
Examples:
  backtide datasets
  backtide datasets --json | jq -r '.datasets[].id'`

/** `backtide datasets`: what can be loaded, from where, at what cost, and what is there already. */
export function addDatasets(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  program
    .command('datasets')
    .description('list what can be loaded, what it costs, and what is loaded')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (options: { readonly json?: boolean }) => end(await run(context, options)))
}

interface Answer {
  readonly datasets: readonly Dataset[]
  readonly warnings: readonly string[]
}

async function run(context: Context, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  const answer = (await context.client().get('/datasets', { detail: 'loaded' })) as Answer
  if (json) printJson(context, answer)
  else context.print(answer.datasets.map(showDataset).join('\n\n'))
  if (!json) for (const warning of answer.warnings) context.tell(`warning: ${warning}`)
  return EXIT.done
}

function showDataset(dataset: Dataset): string {
  const { id, title, table, begins, intervals, source, off } = dataset
  const rows: [string, string][] = [
    ['  objects', `${objectOf(dataset)}, since ${begins.slice(0, 10)}`],
    ...(intervals ? [['  intervals', intervals.join(', ')] as [string, string]] : []),
    ['  table', table],
    ['  source', `${source.name}, ${costOf(source)}`],
    ['  loaded', describeLoaded(dataset)],
    ...(off ? [['  off', off] as [string, string]] : []),
  ]
  return `${id}: ${title}\n${formatTable(rows)}`
}

function objectOf({ granularity, symbols, intervals }: Dataset): string {
  const length = granularity === 'hour' ? 'an hour' : 'a day'
  if (symbols === 'all') return `${length} of every coin`
  return `${length} of one coin${intervals ? ' at one interval' : ''}`
}

/** Prices of AWS for what leaves it to the internet. */
function costOf(source: SourcePlace): string {
  const pays = source.kind === 's3' && source.requesterPays
  return pays ? 'requester pays: you pay AWS for what is read, about $0.09 a GB' : 'free to read'
}

function describeLoaded({ loaded }: Dataset): string {
  if (!loaded) return 'not known now'
  const { counts, rows, bytes, from, to } = loaded
  if (Object.keys(counts).length === 0) return 'nothing'
  const between = from && to ? `, ${from} to ${to}` : ''
  return `${describeCounts(counts)}; ${formatNumber(rows)} rows${between}; ${formatBytes(bytes)} fetched`
}
