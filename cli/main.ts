import { text as textOf } from 'node:stream/consumers'
import { createInterface } from 'node:readline/promises'
import { ConfigError } from '@backtide/config/config-error'
import { Command, CommanderError } from 'commander'
import { createClient, type ApiClient } from './client.ts'
import { addAdopt } from './commands/adopt.ts'
import { addBackfill } from './commands/backfill.ts'
import { addCheckpoints } from './commands/checkpoints.ts'
import { addBudget } from './commands/budget.ts'
import { addCollect } from './commands/collect.ts'
import { addConfig } from './commands/config.ts'
import { addControls } from './commands/control.ts'
import { addCoverage } from './commands/coverage.ts'
import { addDatasets } from './commands/datasets.ts'
import { addDoctor } from './commands/doctor.ts'
import { addDerived } from './commands/derived.ts'
import { addFollow } from './commands/follow.ts'
import { addFeeds } from './commands/feeds.ts'
import { addGaps } from './commands/gaps.ts'
import { addHoles } from './commands/holes.ts'
import { addInstruments } from './commands/instruments.ts'
import { addPlan } from './commands/plan.ts'
import { addRepair } from './commands/repair.ts'
import { addReset } from './commands/reset.ts'
import { addRun } from './commands/run.ts'
import { addSet } from './commands/set.ts'
import { addShow } from './commands/show.ts'
import { addSmoke } from './commands/smoke.ts'
import { addSources } from './commands/sources.ts'
import { addStack } from './commands/stack.ts'
import { addStarlistings } from './commands/starlistings.ts'
import { addStatus } from './commands/status.ts'
import type { Context } from './context.ts'
import { CliError, EXIT, type ExitCode } from './exit.ts'

const ABOUT = `
The API is found at --api-url, BACKTIDE_API, api.url of backtide.yaml, or this machine; its token
in BACKTIDE_TOKEN, or the file BACKTIDE_TOKEN_FILE names. "backtide config show" has all settings.
stdout is data, stderr is for people. Exit codes: 0 done, 2 usage or refused, 3 done but
incomplete, 4 a dependency is down, 5 internal, 130 interrupted.

Examples:
  backtide up
  backtide datasets
  backtide backfill hyperliquid.l2_book --coins BTC --from 2025-01-01 --to 2025-01-02 --wait
  backtide show hyperliquid.l2_book --coins BTC
  backtide stop`

/** Runs one command line (without node and script) and returns its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  ignoreClosedPipe()
  let client: ApiClient | undefined
  const context: Context = {
    client: () => {
      if (!client) throw new Error('the settings were not read')
      return client
    },
    print: (text) => void process.stdout.write(`${text}\n`),
    tell: (text) => void process.stderr.write(`${text}\n`),
    ask,
    readInput,
    colors: process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
  }
  let code: number = EXIT.done
  const program = createProgram(context, argv, (ended) => {
    code = ended
  })
  program.hook('preAction', async (_, command) => {
    // They need no API, and take settings as flags.
    if (['up', 'stop'].includes(command.name()) || command.parent?.name() === 'config') return
    const { readApiPlace } = await import('./settings.ts')
    client = createClient(readApiPlace(program.opts()))
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    return explain(context, error, argv)
  }
}

function createProgram(
  context: Context,
  argv: readonly string[],
  end: (code: number) => void,
): Command {
  const program = new Command('backtide')
    .description('Fills a QuestDB with market history, exactly once, and proves it.')
    .addHelpText('after', ABOUT)
    .option('--config <path>', 'file of settings, instead of ./backtide.yaml')
    .option('--api-url <url>', 'where the API is')
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
  addStack(program, argv, end)
  addBackfill(program, context, end)
  addPlan(program, context, end)
  addStatus(program, context, end)
  addControls(program, context, end)
  addSet(program, context, end)
  addDatasets(program, context, end)
  addInstruments(program, context, end)
  addDerived(program, context, end)
  addCoverage(program, context, end)
  addGaps(program, context, end)
  addRepair(program, context, end)
  addFollow(program, context, end)
  addRun(program, context, end)
  addShow(program, context, end)
  addReset(program, context, end)
  addAdopt(program, context, end)
  addBudget(program, context, end)
  addSources(program, context, end)
  addCheckpoints(program, context, end)
  addStarlistings(program, context, end)
  addDoctor(program, context, end)
  addSmoke(program, context, end)
  addCollect(program, context, end)
  addFeeds(program, context, end)
  addHoles(program, context, end)
  addConfig(program, context, argv, end)
  return program
}

/** Says in one line what went wrong, and what to do about it. */
function explain(context: Context, error: unknown, argv: readonly string[]): ExitCode {
  if (error instanceof CommanderError) return explainUsage(context, error, argv)
  if (error instanceof ConfigError) {
    for (const fault of error.faults) context.tell(`backtide: ${fault}`)
    return EXIT.usage
  }
  if (!(error instanceof CliError)) {
    context.tell(`backtide: ${error instanceof Error ? error.message : String(error)}`)
    return EXIT.internal
  }
  if (argv.includes('--json') && error.body !== undefined) {
    context.print(JSON.stringify(error.body))
  }
  context.tell(`backtide: ${oneLine(error.message)}`)
  return error.exitCode
}

function explainUsage(context: Context, error: CommanderError, argv: readonly string[]): ExitCode {
  if (error.exitCode === 0) return EXIT.done
  if (error.code === 'commander.help') return EXIT.usage
  const command = argv.find((word) => /^[a-z]+$/.test(word))
  const known = command && error.code !== 'commander.unknownCommand' ? ` ${command}` : ''
  const message = oneLine(error.message.replace(/^error: /, ''))
  context.tell(`backtide: ${message}; see backtide${known} --help`)
  return EXIT.usage
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim()
}

/** `backtide status | head` ends quietly. */
function ignoreClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.done)
  })
}

async function readInput(): Promise<string | undefined> {
  return process.stdin.isTTY ? undefined : await textOf(process.stdin)
}

/** Asks on stderr, as stdout is data; undefined where nobody can answer. */
async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const ended = new AbortController()
  lines.once('close', () => ended.abort())
  try {
    return await lines.question(question, { signal: ended.signal })
  } catch {
    // Ctrl-C or Ctrl-D: whatever was asked, the answer is not yes.
    return ''
  } finally {
    lines.close()
  }
}
