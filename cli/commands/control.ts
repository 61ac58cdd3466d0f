import type { Command } from 'commander'
import type { Steered } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'

interface Options {
  readonly reason?: string
  readonly json?: boolean
}

const VERBS = {
  pause: 'start nothing new; what is in flight ends',
  resume: 'go on after a pause',
  cancel: 'stop; what is verified stays',
  retry: 'load again what a closed backfill left open, as a new backfill',
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
      .argument('<id>', 'id of a backfill; backtide status lists them')
      .option('--reason <text>', 'why; shown with the backfill')
      .option('--json', "print the API's answer as one line")
      .addHelpText('after', `\nExamples:\n  backtide ${verb} ID\n  backtide ${verb} ID --json`)
      .action(async (id: string, options: Options) => end(await run(context, verb, id, options)))
  }
}

async function run(
  context: Context,
  verb: string,
  id: string,
  options: Options,
): Promise<ExitCode> {
  const body = options.reason === undefined ? undefined : { reason: options.reason }
  const answer = await context.client().post(`/backfills/${encodeURIComponent(id)}/${verb}`, body)
  const backfill = answer as Steered
  if (options.json) printJson(context, backfill)
  else context.print(verb === 'retry' ? backfill.id : `${backfill.id} ${verb} accepted`)
  for (const warning of backfill.warnings) context.tell(`warning: ${warning}`)
  return EXIT.done
}
