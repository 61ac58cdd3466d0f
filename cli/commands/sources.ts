import type { Command } from 'commander'
import type { Source } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { formatTable } from '../show/format.ts'

const EXAMPLES = `
Examples:
  backtide sources
  backtide sources --json | jq -r '.sources[].name'`

/** `backtide sources`: where the objects of datasets come from. */
export function addSources(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  program
    .command('sources')
    .description('list where data comes from, and which datasets use it')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (options: { readonly json?: boolean }) => end(await run(context, options)))
}

async function run(context: Context, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  const answer = (await context.client().get('/sources')) as { readonly sources: readonly Source[] }
  if (json) printJson(context, answer)
  else context.print(showSources(answer.sources))
  return EXIT.done
}

function showSources(sources: readonly Source[]): string {
  const rows = sources.map((source) => [source.name, placeOf(source), source.datasets.join(', ')])
  return formatTable([['NAME', 'WHERE', 'DATASETS'], ...rows])
}

function placeOf(source: Source): string {
  if (source.kind === 'http') return source.baseUrl
  if (source.kind === 'rest') {
    return `${source.baseUrl} (requests of ${source.limit.weightPerMinute} a minute)`
  }
  const pays = source.requesterPays ? ', requester pays' : ''
  return `s3://${source.bucket} (${source.region}${pays})`
}
