import type { Command } from 'commander'
import type { Backfill, Steered } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { describeFinal } from '../show/gaps.ts'

interface Options {
  readonly reason?: string
  readonly json?: boolean
}

const VERBS = {
  pause: 'start nothing new; what is in flight ends',
  resume: 'go on after a pause',
  cancel: 'stop; what is verified stays',
  retry:
    'load again what a closed backfill left open (failed, pending, reset, unverified, unknown)',
} as const

/** `backtide pause | resume | cancel | retry`. */
export function addControls(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  for (const [verb, description] of Object.entries(VERBS)) {
    program
      .command(verb)
      .description(description)
      .argument(
        '<id>',
        'id of a backfill (backtide status lists them) or, but for retry, of a connection (backtide feeds)',
      )
      .option('--reason <text>', 'why; shown with the backfill')
      .option('--json', "print the API's answer as one line")
      .addHelpText('after', helpOf(verb))
      .action(async (id: string, options: Options) => end(await run(context, verb, id, options)))
  }
}

function helpOf(verb: string): string {
  const examples = `\nExamples:\n  backtide ${verb} ID\n  backtide ${verb} ID --json`
  return verb === 'retry' ? RETRY_HELP + examples : examples
}

const RETRY_HELP = `
It is a new backfill of the same range. What is missing, corrupt or degraded is final and stays what it
is: "backtide backfill ... --reprocess missing" (or corrupt, degraded) looks at that again, and
"--reprocess changed" at everything whose object was replaced since.
`

async function run(
  context: Context,
  verb: string,
  id: string,
  options: Options,
): Promise<ExitCode> {
  const reason = options.reason === undefined ? undefined : { reason: options.reason }
  // Ids of connections have slashes, those of backfills have none.
  const isFeed = id.includes('/') && verb !== 'retry'
  const path = isFeed ? `/feeds/${verb}` : `/backfills/${encodeURIComponent(id)}/${verb}`
  const answer = await context.client().post(path, isFeed ? { id, ...reason } : reason)
  const backfill = answer as Steered
  if (options.json) printJson(context, backfill)
  else context.print(verb === 'retry' ? backfill.id : `${backfill.id} ${verb} accepted`)
  if (verb === 'retry') for (const gap of describeFinal(answer as Backfill)) context.tell(gap)
  for (const warning of backfill.warnings) context.tell(`warning: ${warning}`)
  return EXIT.done
}
